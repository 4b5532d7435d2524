import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

import { readCredentials } from '../../../src/cli/secrets/credentials.ts';
import { environmentSecrets } from '../../../src/cli/secrets/known-secrets.ts';
import { readProxy } from '../../../src/cli/secrets/proxy.ts';
import { proxySecrets } from '../../../src/cloudflare/sender.ts';
import { UserError } from '../../../src/domain/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'images-purge-credentials-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SECRET = 'v1.s3cret-TOKEN_value';

function fileOf(content: string): string {
  const path = join(folder, `secret-${Math.random()}`);
  writeFileSync(path, content);
  return path;
}

function read(env: Record<string, string>): ReturnType<typeof readCredentials> {
  return readCredentials(env, (path) => readFileSync(path, 'utf8'));
}

function refusal(env: Record<string, string>): UserError {
  try {
    read(env);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('a token wins over an email with its key', () => {
  const env = { CLOUDFLARE_API_TOKEN: SECRET, CLOUDFLARE_EMAIL: 'a@b.example', CLOUDFLARE_API_KEY: 'k' };
  expect(read(env)).toEqual({ kind: 'token', token: SECRET });
});

test('an email with its key is taken where there is no token; an empty variable is unset', () => {
  const env = { CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_EMAIL: 'a@b.example', CLOUDFLARE_API_KEY: 'k' };
  expect(read(env)).toEqual({ kind: 'key', email: 'a@b.example', key: 'k' });
});

test('a file holds the token, and the white space around it is not part of it', () => {
  expect(read({ CLOUDFLARE_API_TOKEN_FILE: fileOf(`\n ${SECRET}\r\n`) })).toEqual({ kind: 'token', token: SECRET });
});

test('email and key may each come from a file', () => {
  const env = { CLOUDFLARE_EMAIL_FILE: fileOf('a@b.example\n'), CLOUDFLARE_API_KEY_FILE: fileOf('k\n') };
  expect(read(env)).toEqual({ kind: 'key', email: 'a@b.example', key: 'k' });
});

test('no credentials at all exit 2 and say which variable to set', () => {
  const error = refusal({});
  expect(error.exitCode).toBe(2);
  expect(error.nextSteps.join('\n')).toContain('CLOUDFLARE_API_TOKEN');
});

test('an email without its key, or a key without its email, exits 2 and names what is missing', () => {
  expect(refusal({ CLOUDFLARE_EMAIL: 'a@b.example' }).message).toContain('CLOUDFLARE_API_KEY is not');
  expect(refusal({ CLOUDFLARE_API_KEY: 'k' }).message).toContain('CLOUDFLARE_EMAIL is not');
});

test('a variable and its file together exit 2: one of them would be ignored', () => {
  expect(refusal({ CLOUDFLARE_API_TOKEN: SECRET, CLOUDFLARE_API_TOKEN_FILE: fileOf(SECRET) }).exitCode).toBe(2);
});

test.each(['a\nb', 'a\tb', 'a\u0000b', 'a\u007Fb', 'a\u0080b', 'tökén', 'a b', '\u200Ba', 'a😀'])(
  'a token of %j exits 2 and is not repeated, from a variable or a file',
  (inside) => {
    const secret = `${SECRET}${inside}`;
    for (const env of [{ CLOUDFLARE_API_TOKEN: secret }, { CLOUDFLARE_API_TOKEN_FILE: fileOf(secret) }]) {
      const error = refusal(env);
      expect(error.exitCode).toBe(2);
      expect(JSON.stringify([error.message, error.nextSteps])).not.toContain(SECRET);
    }
  },
);

test.each([
  [`"${SECRET}"`, 'CLOUDFLARE_API_TOKEN holds quotes around the credential', '.env'],
  [`'${SECRET}'`, 'CLOUDFLARE_API_TOKEN holds quotes around the credential', '.env'],
  [`\u201C${SECRET}\u201D`, 'CLOUDFLARE_API_TOKEN holds quotes around the credential', '.env'],
  [`"${SECRET}`, 'CLOUDFLARE_API_TOKEN holds a quote, which is no part of a credential', 'the credential alone'],
  [`Bearer "${SECRET}"`, 'CLOUDFLARE_API_TOKEN holds a quote, which is no part of a credential', 'no "Bearer"'],
  ['cfk_0123', 'CLOUDFLARE_API_TOKEN holds a global API key (cfk_…)', 'Give it as CLOUDFLARE_API_KEY with CLOUDFLARE_EMAIL'],
])('a token of %s exits 2 with variable, cause and next step', (value, message, nextStep) => {
  for (const [env, where] of [
    [{ CLOUDFLARE_API_TOKEN: ` ${value} ` }, 'CLOUDFLARE_API_TOKEN'],
    [{ CLOUDFLARE_API_TOKEN_FILE: fileOf(`${value}\n`) }, 'the file that CLOUDFLARE_API_TOKEN_FILE names'],
  ] as const) {
    const error = refusal(env);
    expect(error.exitCode).toBe(2);
    expect(error.message).toBe(message.replace('CLOUDFLARE_API_TOKEN', where));
    const asVariable = error.nextSteps.join().replaceAll('that file', 'it').replaceAll('_FILE', '');
    expect(asVariable).toContain(nextStep);
    expect(JSON.stringify([error.message, error.nextSteps])).not.toMatch(/s3cret|0123/);
  }
});

test.each(['cfut_0123', 'cfat_0123'])('the token %s as a key or an email exits 2 and says where it belongs', (value) => {
  const asKey = refusal({ CLOUDFLARE_EMAIL: 'a@b.example', CLOUDFLARE_API_KEY_FILE: fileOf(value) });
  expect(asKey.message).toBe(`the file that CLOUDFLARE_API_KEY_FILE names holds an API token (${value.slice(0, 5)}…)`);
  expect(asKey.nextSteps).toEqual(['Give that file as CLOUDFLARE_API_TOKEN_FILE, and unset CLOUDFLARE_API_KEY_FILE']);
  const asEmail = refusal({ CLOUDFLARE_EMAIL: value, CLOUDFLARE_API_KEY: 'k' });
  expect(asEmail.nextSteps).toEqual(['Give it as CLOUDFLARE_API_TOKEN, and unset CLOUDFLARE_EMAIL']);
});

test('tokens and keys are taken with the beginnings of their kind and without, of any length', () => {
  for (const token of ['cfut_0123', 'cfat_0123', 'x', 'x'.repeat(500), 'acfk_1'])
    expect(read({ CLOUDFLARE_API_TOKEN: token })).toMatchObject({ token });
  for (const key of ['cfk_0123', 'k']) {
    // A name may hold an apostrophe.
    const env = { CLOUDFLARE_EMAIL: "o'hara@b.example", CLOUDFLARE_API_KEY: key };
    expect(read(env)).toEqual({ kind: 'key', email: "o'hara@b.example", key });
  }
  expect(refusal({ CLOUDFLARE_EMAIL: "'a@b.example'", CLOUDFLARE_API_KEY: 'k' }).message).toBe(
    'CLOUDFLARE_EMAIL holds quotes around the credential',
  );
});

test('a file that is missing, a folder or empty exits 2', () => {
  const missing = refusal({ CLOUDFLARE_API_TOKEN_FILE: join(folder, 'missing') });
  expect(missing).toMatchObject({ exitCode: 2, message: expect.stringContaining('ENOENT') });
  expect(refusal({ CLOUDFLARE_API_TOKEN_FILE: folder }).exitCode).toBe(2);
  expect(refusal({ CLOUDFLARE_API_TOKEN_FILE: fileOf(' \n') }).exitCode).toBe(2);
});

test('proxy variables are read in either case, the lower one first, and a bare host is a URL', () => {
  expect(readProxy({ HTTPS_PROXY: 'http://upper:1', https_proxy: 'http://lower:1', HTTP_PROXY: 'proxy:3128', no_proxy: 'a,b' })).toEqual({
    httpsProxy: 'http://lower:1/',
    httpProxy: 'http://proxy:3128/',
    noProxy: 'a,b',
  });
  expect(readProxy({ HTTP_PROXY: '', https_proxy: '' })).toEqual({ httpProxy: undefined, httpsProxy: undefined, noProxy: undefined });
});

test('a proxy that is no URL exits 2 without repeating it', () => {
  expect(() => readProxy({ https_proxy: 'socks5://u:hunter2@x' })).toThrow(/HTTPS_PROXY/);
  expect(() => readProxy({ https_proxy: 'socks5://u:hunter2@x' })).not.toThrow(/hunter2/);
});

test("a proxy's user and password are secrets, each in both of its spellings, and together as a header spells them", () => {
  const secrets = proxySecrets(readProxy({ https_proxy: 'http://us%40er:p%40ss@proxy:1' }));
  expect(secrets).toEqual([
    'us%40er',
    'us@er',
    'p%40ss',
    'p@ss',
    'us%40er:p%40ss',
    'us@er:p@ss',
    Buffer.from('us@er:p@ss').toString('base64'),
  ]);
  expect(proxySecrets(readProxy({ https_proxy: 'http://proxy:1', http_proxy: 'user@proxy:1' }))).toEqual([
    'user',
    'user:',
    Buffer.from('user:').toString('base64'),
  ]);
});

test('what the environment holds is secret even before anything is understood', () => {
  const secrets = environmentSecrets({
    CLOUDFLARE_API_TOKEN: ' t0ken ',
    HTTPS_PROXY: 'http://u:pw@h',
    http_proxy: ' us:pass@proxy:3128',
    CLOUDFLARE_API_KEY: '',
    IMAGES_PURGE_QUOTA_REDIS: 'redis://:a%20b@h',
  });
  expect(secrets).toEqual(expect.arrayContaining(['t0ken', 'u', 'pw', 'us', 'pass', 'a%20b', 'a b']));
  expect(secrets).not.toContain('');
});
