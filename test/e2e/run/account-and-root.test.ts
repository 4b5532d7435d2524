import { gzipSync } from 'node:zlib';
import { writeFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { TEST_ACCOUNT, TEST_TOKEN } from '../../support/cli/cli.ts';
import { makeIds, summaryOf, withPurge } from '../../support/purge/purge.ts';

describe('the account', () => {
  it('is the same in capitals and small letters, for delete and resume', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(4));
      expect((await bench.delete(['--limit', '1'])).exitCode).toBe(8);
      const capitals = ['--account-id', TEST_ACCOUNT.toUpperCase(), '--limit', '1'];
      expect((await bench.resume(capitals)).exitCode).toBe(8);
      expect(bench.simulator.record.deleted.size).toBe(2);
      // It is not another account's purge. That the simulated API tells the two spellings apart is its own affair.
      const others = await bench.delete(['--account-id', 'f'.repeat(32)]);
      expect(summaryOf(others)).toMatchObject({ error: { code: 'OTHER_ACCOUNT' } });
      expect((await bench.delete(capitals)).exitCode).toBe(3);
    }));

  it('is exit 2 where two variables name different ones', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(1));
      const env = { IMAGES_PURGE_ACCOUNT_ID: 'a'.repeat(32) };
      const result = await bench.delete([], { env });
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toContain('IMAGES_PURGE_ACCOUNT_ID and CLOUDFLARE_ACCOUNT_ID are both set, and differ');
      expect(bench.simulator.record.requestCount).toBe(0);
    }));
});

describe('an API root that is not Cloudflare’s', () => {
  it('is named at the ending, and before anything else where it does not answer as the API does', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      const env = { CLOUDFLARE_BASE_URL: bench.simulator.url };
      const rehearsed = await bench.run(['delete', 'ids.csv', '--yes', '--rate', 'unlimited'], { env });
      expect(rehearsed.exitCode).toBe(0);
      expect(rehearsed.stderr).toContain(`API root: ${bench.simulator.url}, which is not Cloudflare's (--base-url, CLOUDFLARE_BASE_URL)`);
      const wrong = { CLOUDFLARE_BASE_URL: bench.simulator.url.replace('/client/v4', '/elsewhere') };
      const elsewhere = ['delete', 'ids.csv', '--yes', '--rate', 'unlimited', '--checkpoint', 'elsewhere'];
      const refused = await bench.run(elsewhere, { env: wrong });
      expect(refused.exitCode).toBe(3);
      const [error, first] = refused.stderr.slice(refused.stderr.indexOf('error: ')).split('\n');
      expect(error).toContain(`error: at ${wrong.CLOUDFLARE_BASE_URL}, which is not Cloudflare's`);
      expect(first).toContain('If Cloudflare is meant: unset CLOUDFLARE_BASE_URL');
    }));
});

describe('what an answer leaves', () => {
  it('a token that comes back in base64 is redacted', () =>
    withPurge({}, async (bench) => {
      const coded = Buffer.from(`Bearer ${TEST_TOKEN}`).toString('base64');
      const errors = [{ code: 5400, message: `you sent ${coded}` }];
      bench.simulator.override(({ method }) =>
        method === 'DELETE' ? { status: 400, headers: {}, body: JSON.stringify({ success: false, errors }) } : undefined,
      );
      bench.writeIds('ids.csv', makeIds(1));
      const result = await bench.delete(['--log-level', 'trace']);
      expect(result.exitCode).toBe(1);
      const [line] = bench.report();
      expect(line?.message).toMatch(/^you sent \S{0,12}\[redacted\]\S{0,4}$/);
      for (const text of [result.stdout, result.stderr, JSON.stringify(line)]) expect(text).not.toContain(coded.slice(12, 30));
    }));

  it.each([
    ['resetBefore', 'ECONNRESET', []],
    ['hang', 'timeout', ['--timeout', '200ms']],
  ] as const)('a failure by connection has its name as code: %s is %s', (fault, code, more) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', [...makeIds(2), 'bad']);
      bench.simulator.override(({ id }) => (id === 'bad' ? fault : undefined));
      expect((await bench.delete(['--max-attempts', '1', '--concurrency', '1', ...more])).exitCode).toBe(1);
      expect(bench.report().filter(({ id }) => id === 'bad')).toMatchObject([{ outcome: 'failed', code, attempts: 1 }]);
    }),
  );
});

it('a source of gzip with garbage behind is exit 5, which blames no line', () =>
  withPurge({}, async (bench) => {
    const rows = `id\n${makeIds(5_000).join('\n')}\n`;
    writeFileSync(bench.path('ids.csv'), Buffer.concat([gzipSync(rows), Buffer.from('garbage\n')]));
    const result = await bench.delete(['--min-ids', '1']);
    expect(result.exitCode).toBe(5);
    expect(result.stderr).toMatch(/ids\.csv: its gzip data is broken or cut short \(data that is not packed follows it\); .* unpacked/);
    expect(bench.deleteCount).toBe(0);
  }));
