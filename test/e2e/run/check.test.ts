import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { SimulatorOptions } from '../../../src/simulator/simulator-options.ts';
import type { Simulator } from '../../../src/simulator/simulator.ts';
import { type CliResult, TEST_ACCOUNT, TEST_TOKEN, withFolder } from '../../support/cli/cli.ts';
import { runInProcess } from '../../support/cli/in-process.ts';
import { withSimulator } from '../../support/servers/simulator.ts';

const OF_USER = 'cfut_sentinelUser0123456789abcdef';
const OF_ACCOUNT = 'cfat_sentinelAccount0123456789abcdef';

interface Checked {
  readonly result: CliResult;
  readonly simulator: Simulator;
  /** What was asked, below the account or the user: `images/v1/stats`. */
  readonly asked: readonly string[];
}

function runHere(args: readonly string[], env: Readonly<Record<string, string>>): Promise<CliResult> {
  return withFolder((cwd) => runInProcess(args, { cwd, env }));
}

async function check(
  simulated: Partial<SimulatorOptions>,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  prepare: (simulator: Simulator) => void = () => undefined,
): Promise<Checked> {
  return withSimulator(simulated, async (simulator) => {
    prepare(simulator);
    const result = await runHere(['check', ...args], { CLOUDFLARE_BASE_URL: simulator.url, ...env });
    const asked = simulator.record.requests.map(({ method, rawUrl }) => `${method} ${rawUrl.replace(/^.*?(?=user|images|tokens)/, '')}`);
    return { result, simulator, asked };
  });
}

const jsonOf = ({ stdout }: CliResult): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>;
/** The rows of the table: label → text. */
const rowsOf = ({ stdout }: CliResult): Record<string, string> =>
  Object.fromEntries(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, 14).trim(), line.slice(14)]),
  );

describe('images-purge check', () => {
  it('asks three questions, deletes nothing, and shows a table: exit 0', async () => {
    const { result, asked, simulator } = await check(
      {
        images: { kind: 'list', ids: ['a', 'b'] },
        quota: { kind: 'fixed', requests: 1_200, windowMs: 300_000, blockMs: 0, burst: 0 },
        sendsRatelimitHeaders: true,
        apiToken: OF_ACCOUNT,
      },
      [],
      { CLOUDFLARE_API_TOKEN: OF_ACCOUNT },
    );
    expect(result.exitCode).toBe(0);
    expect(asked).toEqual(['GET images/v1/stats', 'GET tokens/verify', 'GET images/v1/batch_token']);
    expect(rowsOf(result)).toEqual({
      Account: `${TEST_ACCOUNT}, holds 2 of 5,000,000 images allowed`,
      'API root': expect.stringContaining('which is not Cloudflare'),
      Credentials: 'API token of an account (cfat_…), from CLOUDFLARE_API_TOKEN',
      Token: 'active, an account’s own, no expiry told',
      'May read': 'yes: the image count was answered',
      'May delete': 'unknown until the first DELETE',
      Quota: '1,197 of 1,200 requests in 5 min left ("default")',
      'Batch tokens': expect.stringMatching(/^to be had, valid for /),
      Latency: expect.stringMatching(/^\d.*s; the first answer took \d.*s with connecting$/),
      Clock: expect.any(String),
      Proxy: 'none',
    });
    expect(simulator.record.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it.each([
    ['of a user, by its prefix', OF_USER, 'user', ['user/tokens/verify']],
    ['of an account, by its prefix', OF_ACCOUNT, 'account', ['tokens/verify']],
    ['of a user, without a prefix', TEST_TOKEN, 'user', ['user/tokens/verify']],
    ['of an account, without a prefix', TEST_TOKEN, 'account', ['user/tokens/verify', 'tokens/verify']],
  ] as const)('verifies a token %s where it belongs, with no more requests than that takes', async (_, apiToken, tokenOwner, paths) => {
    const { result, asked } = await check({ apiToken, tokenOwner }, ['--json'], { CLOUDFLARE_API_TOKEN: apiToken });
    expect(result.exitCode).toBe(0);
    expect(asked.filter((path) => path.includes('verify'))).toEqual(paths.map((path) => `GET ${path}`));
    expect(jsonOf(result)).toMatchObject({ token: { kind: 'verified', owner: tokenOwner, status: 'active' }, exitCode: 0, error: null });
  });

  it('tells where the credentials come from, never their value, and asks nothing of a key that only tokens answer', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'key');
      writeFileSync(path, 'simulated-key\n');
      const key = { CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_EMAIL: 'owner@example.com', CLOUDFLARE_API_KEY_FILE: path };
      const { result, asked } = await check({}, [], key);
      expect(result.exitCode).toBe(0);
      expect(asked).toEqual(['GET images/v1/stats', 'GET images/v1/batch_token']);
      expect(rowsOf(result)['Credentials']).toBe(
        'the global API key with its e-mail address (no prefix: from before April 2026), ' +
          `from CLOUDFLARE_EMAIL and ${path} (CLOUDFLARE_API_KEY_FILE)`,
      );
      expect(result.stdout + result.stderr).not.toMatch(/simulated-key|owner@example\.com/);
    }));

  it('the batch token that it was given is shown nowhere', async () => {
    const { result, simulator } = await check({}, ['--json']);
    expect(simulator.batchTokens).toHaveLength(1);
    expect(result.stdout + result.stderr).not.toContain(simulator.batchTokens[0]);
  });

  it('an expiry is told', async () => {
    const expiresOn = new Date(Date.now() + 3_600_000).toISOString();
    const { result } = await check({ verifiedToken: { status: 'active', expires_on: expiresOn } });
    expect(rowsOf(result)['Token']).toMatch(/^active, an account’s own, expires in (?:59 min|1 h|60 min)/);
  });

  it.each(['disabled', 'expired'] as const)('a token that is %s: exit 3, and no batch token is asked for', async (status) => {
    const { result, asked } = await check({ verifiedToken: { status } }, ['--json']);
    expect(result.exitCode).toBe(3);
    expect(jsonOf(result)).toMatchObject({ exitCode: 3, error: { code: 'TOKEN_NOT_ACTIVE' }, token: { status } });
    expect(asked.at(-1)).toBe('GET tokens/verify');
    expect(result.stderr).toContain(`"${status}"`);
  });

  it('a token that may not read the images: exit 3, and says that it is active all the same', async () => {
    const { result, asked } = await check({ isStatsPermitted: false }, ['--json']);
    expect(result.exitCode).toBe(3);
    expect(asked).toEqual(['GET images/v1/stats', 'GET user/tokens/verify', 'GET tokens/verify']);
    expect(jsonOf(result)).toMatchObject({ mayRead: false, error: { code: 'CHECK_REFUSED' } });
    expect(result.stderr).toContain('The token is active');
    expect(result.stderr).toContain('A zone ID looks like an account ID');
  });

  it.each([
    ['an invalid access token', 403, 9109],
    ['an invalid access token', 400, 9109],
    ['too many failures to log in', 429, 10502],
    ['too many failures to log in', 403, 10502],
  ])('%s (%i, %i) is asked about once and never again: exit 3', async (message, status, code) => {
    const body = JSON.stringify({ success: false, errors: [{ code, message }], messages: [], result: null });
    const { result, asked } = await check({}, ['--json'], {}, (simulator) =>
      simulator.override(() => ({ status, headers: { 'content-type': 'application/json' }, body })),
    );
    expect(result.exitCode).toBe(3);
    expect(asked).toEqual(['GET images/v1/stats']);
    expect(jsonOf(result)).toMatchObject({ requests: 1, exitCode: 3, images: { kind: 'not-told' }, token: { kind: 'not-asked' } });
  });

  it('an account that the API does not know, which a zone ID may be: exit 3 after one request', async () => {
    const { result, asked } = await check({ accountId: 'f'.repeat(32) });
    expect(result.exitCode).toBe(3);
    expect(asked).toEqual(['GET images/v1/stats']);
    expect(rowsOf(result)['Account']).toContain('code 7003');
    expect(result.stderr).toContain('A zone ID looks the same');
    expect(result.stderr).not.toContain('were deleted before');
    expect(result.stderr).toMatch(/images-purge check --account-id [0-9a-f]{32}|images-purge check/);
  });

  it('an account hash in place of the account ID is named: exit 2, nothing is asked', async () => {
    const { result, asked } = await check({}, ['--account-id', 'Vi7wi5KSItxGFsWRG2Us6Q']);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('the account hash of delivery URLs');
    expect(asked).toEqual([]);
  });

  it('a batch token that is refused is no failure: the account’s own quota is there', async () => {
    const { result } = await check({}, ['--json'], {}, (simulator) =>
      simulator.override(({ rawUrl }) =>
        rawUrl.endsWith('batch_token')
          ? {
              status: 403,
              headers: {},
              body: JSON.stringify({ success: false, errors: [{ code: 10000, message: 'Forbidden' }], messages: [], result: null }),
            }
          : undefined,
      ),
    );
    expect(result.exitCode).toBe(0);
    expect(jsonOf(result)).toMatchObject({ batchToken: { kind: 'not-told', why: '403, code 10000 "Forbidden"' } });
  });

  it('what is left of the quota stays for others: the rest is not asked, and nobody waits', async () => {
    const { result, asked } = await check(
      {
        quota: { kind: 'fixed', requests: 20, windowMs: 300_000, blockMs: 300_000, burst: 0 },
        sendsRatelimitHeaders: true,
      },
      ['--json', '--reserve', '95%'],
    );
    expect(result.exitCode).toBe(0);
    expect(asked).toEqual(['GET images/v1/stats']);
    expect(jsonOf(result)).toMatchObject({ token: { kind: 'not-asked' }, batchToken: { kind: 'not-asked' } });
  });

  it('a wait that is too long is exit 4 at once, with the time of going on', async () => {
    const { result, asked } = await check({}, [], {}, (simulator) =>
      simulator.override(() => ({
        status: 429,
        headers: { 'retry-after': '300' },
        body: JSON.stringify({ success: false, errors: [{ code: 971, message: 'Please wait' }], messages: [], result: null }),
      })),
    );
    expect(result.exitCode).toBe(4);
    expect(asked).toEqual(['GET images/v1/stats']);
    expect(result.stderr).toContain('longer than --give-up-after 1 min');
  });

  it('nobody who answers is exit 4 after --give-up-after', async () => {
    const result = await runHere(['check', '--json', '--give-up-after', '500ms'], { CLOUDFLARE_BASE_URL: 'http://127.0.0.1:9' });
    expect(result.exitCode).toBe(4);
    expect(jsonOf(result)).toMatchObject({ exitCode: 4, requests: expect.any(Number), latencyMs: null, error: { code: 'GAVE_UP' } });
  });

  it('a clock that is wrong is told, by the answer’s own date', async () => {
    const { result } = await check({}, [], {}, (simulator) =>
      simulator.override(({ rawUrl }) =>
        rawUrl.endsWith('stats')
          ? {
              status: 200,
              headers: { 'content-type': 'application/json', date: new Date(Date.now() - 600_000).toUTCString() },
              body: JSON.stringify({ success: true, errors: [], messages: [], result: { count: { current: 3, allowed: 10 } } }),
            }
          : { status: 404, headers: { date: new Date(Date.now() - 600_000).toUTCString() }, body: 'none' },
      ),
    );
    expect(result.exitCode).toBe(0);
    expect(rowsOf(result)['Clock']).toMatch(/^\d+ min.* ahead of the API’s/);
  });
});
