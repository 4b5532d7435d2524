import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { purge } from '../../../src/index.ts';
import type { SimulatedAnswer } from '../../../src/simulator/simulated-answers.ts';
import { makeCertificate } from '../../support/servers/certificates.ts';
import type { CliOptions, CliResult } from '../../support/cli/cli.ts';
import { basicOf, withProxy } from '../../support/servers/proxy.ts';
import { makeIds, type PurgeBench, withPurge } from '../../support/purge/purge.ts';
import { closed, type Deletion, listening, wire, withSocketApi } from '../../support/servers/socket-api.ts';

const TOKEN = 'sentinel-token-7f3a9c51d2e84b60';
const KEY = 'sentinel-key-0b1d4e77a35c9f28';
const EMAIL = "sentinel-owner+o'hara&co@example.com";
const BATCH_TOKEN = 'sentinel-batch-55ab90cc13de7f42';
const PROXY_USER = 'sentinel-pr0xy-user';
const PROXY_PASSWORD = 'sentinel-pr0xy-pa55';
const REDIS_USER = 'sentinel-r3dis-user';
const REDIS_PASSWORD = 'sentinel-r3dis-pa55';
const PROXY_BASIC = basicOf(`${PROXY_USER}:${PROXY_PASSWORD}`);
const SECRETS = [TOKEN, KEY, EMAIL, BATCH_TOKEN, PROXY_USER, PROXY_PASSWORD, REDIS_USER, REDIS_PASSWORD, PROXY_BASIC];

const WITH_TOKEN = { CLOUDFLARE_API_TOKEN: TOKEN };

function expectNoSecret(text: string, where: string): void {
  const lowerCase = text.toLowerCase();
  for (const secret of SECRETS) expect(lowerCase.includes(secret.toLowerCase()), `${secret} in ${where}`).toBe(false);
}

/** Runs `delete` at trace level, looks at the process while it runs, then at everything that it has left. */
async function runAndSearch(bench: PurgeBench, more: readonly string[], options: CliOptions): Promise<CliResult> {
  const patience = more.includes('--give-up-after') ? [] : ['--give-up-after', '10m', '--timeout', '5s'];
  const log = ['--log-file', 'run.log', '--log-level', 'trace'];
  const running = bench.startDelete([...log, '--max-attempts', '2', ...patience, ...more], options);
  for (const name of ['cmdline', 'comm']) expectNoSecret(readFileSync(`/proc/${running.child.pid}/${name}`, 'utf8'), name);
  const result = await running.finished;
  expectNoSecret(result.stdout, 'stdout');
  expectNoSecret(result.stderr, 'stderr');
  // What a person does next, looking for what went wrong.
  for (const args of [
    ['status', 'ids.csv.checkpoint'],
    ['status', 'ids.csv.checkpoint', '--json'],
    ['report', 'ids.csv.checkpoint', '--format', 'csv'],
  ]) {
    const { stdout, stderr } = await bench.run(args, options);
    expectNoSecret(stdout + stderr, args.join(' '));
  }
  for (const name of readdirSync(bench.folder))
    if (!name.startsWith('input-'))
      expectNoSecret(bench.readBytes(name).toString() + Buffer.from(bench.readBytes(name)).toString('latin1'), name);
  return result;
}

const inJson = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
const json = (status: number, body: unknown, headers: Record<string, string> = {}): SimulatedAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const failure = (status: number, code: number): SimulatedAnswer =>
  json(
    status,
    { success: false, errors: [{ code, message: `who sent Bearer ${TOKEN}?` }], messages: [TOKEN], result: null },
    {
      'cf-ray': TOKEN,
      ratelimit: `"${TOKEN}";r=5;t=1`,
      'ratelimit-policy': `"${TOKEN}";q=1200;w=300`,
      location: `https://evil.example/?${TOKEN}`,
    },
  );

describe('no secret is found in any output, file, log or title', () => {
  it.each<[string, SimulatedAnswer | undefined, number]>([
    ['success', undefined, 0],
    ['an API message that repeats them', failure(400, 5400), 1],
    ['refused credentials', failure(401, 10000), 3],
    ['a permission that is missing', failure(403, 9109), 3],
    [
      'throttling',
      json(429, `slow down, ${TOKEN}`, { 'retry-after': '7200', 'ratelimit-policy': `"${TOKEN}";q=1;w=60`, ratelimit: `"${TOKEN}";r=0` }),
      4,
    ],
    ['server errors', json(500, { success: false, errors: [{ code: 5500, message: TOKEN }] }), 1],
    ['a page', { status: 418, headers: { 'content-type': 'text/html' }, body: `<title>${TOKEN} is no teapot</title>` }, 1],
    ['a page cut in the middle of them', { status: 418, headers: {}, body: `${' '.repeat(65_536 - TOKEN.length + 1)}${TOKEN} ` }, 1],
    ['a redirect', { ...failure(302, 1), body: TOKEN }, 3],
    [
      'an API message that spells them in JSON’s escapes',
      json(400, `{"success":false,"errors":[{"code":5400,"message":"${TOKEN.replaceAll(/./g, inJson)}"}]}`),
      1,
    ],
    [
      'an API message that spells them in upper case',
      json(400, { success: false, errors: [{ code: 5400, message: TOKEN.toUpperCase() }] }, { 'cf-ray': TOKEN.toUpperCase() }),
      1,
    ],
    ['half an answer', json(200, `{"success":tru ${TOKEN}`), 1],
  ])('%s', (_, answer, exitCode) =>
    withPurge({ apiToken: TOKEN }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(4));
      bench.simulator.override(({ method }) => (method === 'DELETE' ? answer : undefined));
      expect((await runAndSearch(bench, [], { env: WITH_TOKEN })).exitCode).toBe(exitCode);
    }),
  );

  it('an email with its key, from files, refused with both repeated', () =>
    withPurge({ apiEmail: EMAIL, apiKey: KEY }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(4));
      bench.write('input-key', `${KEY}\n`);
      const env = { CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_EMAIL: EMAIL, CLOUDFLARE_API_KEY_FILE: bench.path('input-key') };
      // The API is not given the other secrets; it can repeat only what it was sent.
      // In the spelling of a server that takes its JSON for part of a page.
      bench.simulator.override(({ method }) =>
        method === 'DELETE'
          ? json(400, `{"success":false,"errors":[{"code":5400,"message":"${KEY} of ${EMAIL.replaceAll(/[&'+]/g, inJson)}"}]}`)
          : undefined,
      );
      expect((await runAndSearch(bench, [], { env })).exitCode).toBe(1);
      expect(bench.report().map(({ message }) => message)).toEqual(Array.from({ length: 4 }, () => '[redacted] of [redacted]'));
    }));

  it('a token that begins with another secret is taken out to its end', () =>
    withPurge({ apiToken: TOKEN }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(4));
      bench.simulator.override(({ method }) =>
        method === 'DELETE' ? json(400, { success: false, errors: [{ code: 5400, message: `who sent ${TOKEN}?` }] }) : undefined,
      );
      expect(
        (await runAndSearch(bench, [], { env: { ...WITH_TOKEN, https_proxy: `http://someone:${TOKEN.slice(0, -8)}@127.0.0.1:1` } }))
          .exitCode,
      ).toBe(1);
      expect(bench.report().map(({ message }) => message)).toEqual(Array.from({ length: 4 }, () => 'who sent [redacted]?'));
    }));

  it.each<[string, string]>([
    ['that can be used', JSON.stringify({ success: true, errors: [], result: { token: BATCH_TOKEN, expiresAt: '2099-01-01T00:00:00Z' } })],
    ['in an answer without success', JSON.stringify({ result: { token: BATCH_TOKEN, expiresAt: '2099-01-01T00:00:00Z' } })],
    ['in half an answer', `{"success":true,"result":{"token":"${BATCH_TOKEN}`],
    ['that no header can carry', JSON.stringify({ success: true, errors: [], result: { token: `${BATCH_TOKEN} x` } })],
  ])('a batch token %s', (_, body) =>
    withPurge({ apiToken: TOKEN }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(4));
      bench.simulator.override(({ method, rawUrl }) =>
        rawUrl.endsWith('/batch_token')
          ? json(200, body)
          : method === 'DELETE'
            ? json(403, { success: false, errors: [{ code: 10000, message: `bad token ${BATCH_TOKEN}` }] })
            : undefined,
      );
      const result = await runAndSearch(bench, ['--batch-tokens', '1', '--batch-base-url', bench.simulator.batchUrl], { env: WITH_TOKEN });
      expect(result.exitCode).toBe(3);
      expect(bench.simulator.record.deleted.size).toBe(0);
    }),
  );

  it('a proxy that reads the traffic, by a certificate that is trusted here, and repeats what it was sent', () =>
    withPurge({ apiToken: TOKEN }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(4));
      const certificate = makeCertificate(bench.folder, 'IP:127.0.0.1');
      const blockPage = ({ socket }: Deletion): void =>
        void socket.write(wire('418 Blocked', `${PROXY_USER.toUpperCase()} ${PROXY_PASSWORD} ${PROXY_BASIC}`, [`cf-ray: ${PROXY_BASIC}`]));
      await withSocketApi({ onDelete: blockPage, tls: certificate }, (api) =>
        withProxy(
          `${PROXY_USER}:${PROXY_PASSWORD}`,
          () => undefined,
          async (proxy) => {
            const result = await runAndSearch(bench, ['--base-url', api.url], {
              env: { ...WITH_TOKEN, NODE_EXTRA_CA_CERTS: certificate.certPath, https_proxy: proxy.url },
            });
            expect(result.exitCode).toBe(1);
            expect(proxy.authorizations).toContain(`Basic ${PROXY_BASIC}`);
            expect(bench.report().map(({ message }) => message)).toEqual(
              Array.from({ length: 4 }, () => '[redacted] [redacted] [redacted]'),
            );
          },
        ),
      );
    }));

  it.each<[string, Record<string, string>]>([
    ['', {}],
    [', with DEBUG=* in the environment', { DEBUG: '*' }],
  ])('a Redis that repeats its password%s', (_, environment) =>
    withPurge({ apiToken: TOKEN }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(4));
      const sockets = new Set<Socket>();
      // As Redis does where AUTH has been renamed.
      const redis = createServer(
        (socket) =>
          void sockets.add(
            socket
              .on('error', () => undefined)
              .on('data', () =>
                socket.write(`-ERR unknown command 'auth', with args beginning with: '${REDIS_USER}' '${REDIS_PASSWORD}'\r\n`.repeat(4)),
              ),
          ),
      );
      const port = await listening(redis, '127.0.0.1');
      try {
        const result = await runAndSearch(bench, ['--shard', '0/1'], {
          env: { ...WITH_TOKEN, ...environment, IMAGES_PURGE_QUOTA_REDIS: `redis://${REDIS_USER}:${REDIS_PASSWORD}@127.0.0.1:${port}` },
        });
        expect(result.exitCode).toBe(2);
      } finally {
        await closed(redis, sockets);
      }
    }),
  );

  it('an address where nobody answers', () =>
    withPurge({ apiToken: TOKEN }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(40));
      await bench.simulator.close();
      expect((await runAndSearch(bench, ['--timeout', '1s', '--give-up-after', '3s'], { env: WITH_TOKEN })).exitCode).toBe(4);
    }));

  it('a defect, thrown late with all that it holds: exit 70', () =>
    withPurge({ apiToken: TOKEN, latencyMs: 20 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(2_000));
      bench.simulator.override(({ seq }) => {
        if (seq === 5) bench.write('input-now', '');
        return undefined;
      });
      writeFileSync(
        bench.path('input-bug.mjs'),
        `import { existsSync } from 'node:fs';
         import { isMainThread } from 'node:worker_threads';
         if (isMainThread && process.argv[2] === 'delete')
           setInterval(() => {
             if (!existsSync('input-now')) return;
             const token = process.env.CLOUDFLARE_API_TOKEN;
             throw Object.assign(new Error('boom ' + token), { token, request: { headers: [token] } });
           }, 20).unref();`,
      );
      const result = await runAndSearch(bench, ['--concurrency', '1'], {
        env: { ...WITH_TOKEN, NODE_OPTIONS: `--import ${bench.path('input-bug.mjs')}` },
      });
      expect(result.exitCode).toBe(70);
      expect(result.stderr).toContain('boom [redacted]');
    }));
});

describe('error objects', () => {
  it('of the library hold no secret, however deep one looks', () =>
    withPurge({ apiToken: TOKEN }, async (bench) => {
      const run = (): Promise<unknown> =>
        purge({
          ids: makeIds(3),
          accountId: bench.simulator.options.accountId,
          credentials: { apiToken: TOKEN },
          baseUrl: bench.simulator.url,
          checkpoint: bench.path('c'),
        });
      bench.simulator.override(({ method }) => (method === 'DELETE' ? failure(401, 10000) : undefined));
      const error: unknown = await run().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ exitCode: 3 });
      expectNoSecret(inspect(error, { depth: Infinity, showHidden: true }), 'the error');
      expectNoSecret(JSON.stringify(error), 'the error as JSON');
    }));
});

describe('under umask 0', () => {
  it('checkpoint, report, log and output are for their owner alone, while the run is at work too', () =>
    withPurge({ apiToken: TOKEN, latencyMs: 20 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(200));
      bench.write('input-umask.mjs', "import { isMainThread } from 'node:worker_threads'; if (isMainThread) process.umask(0);");
      const options = { env: { ...WITH_TOKEN, NODE_OPTIONS: `--import ${bench.path('input-umask.mjs')}` } };
      const modes = (): Record<string, string> =>
        Object.fromEntries(
          readdirSync(bench.folder)
            .filter((name) => name !== 'ids.csv' && !name.startsWith('input-'))
            .map((name) => [name, (statSync(bench.path(name)).mode & 0o777).toString(8)]),
        );
      const running = bench.startDelete(['--log-file', 'run.log'], options);
      await bench.simulator.whenRequests(30);
      const during = modes();
      expect((await running.finished).exitCode).toBe(0);
      await bench.run(['report', 'ids.csv.checkpoint', '-o', 'out.ndjson'], options);
      expect(Object.keys(during)).toEqual(
        expect.arrayContaining([
          'ids.csv.checkpoint',
          'ids.csv.checkpoint-wal',
          'ids.csv.checkpoint.lock',
          'ids.csv.checkpoint.report.ndjson',
          'run.log',
        ]),
      );
      for (const [name, mode] of Object.entries({ ...during, ...modes() })) expect(`${name} ${mode}`).toBe(`${name} 600`);
    }));
});
