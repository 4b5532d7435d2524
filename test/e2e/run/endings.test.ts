import { describe, expect, it } from 'vitest';

import { makeIds, summaryOf, withPurge } from '../../support/purge/purge.ts';
import { TEST_TOKEN } from '../../support/cli/cli.ts';
import { createGate } from '../../support/purge/traffic.ts';

describe('exit code', () => {
  it('0: every ID is gone, absent ones among them', () =>
    withPurge({ images: { kind: 'list', ids: makeIds(50) } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(60));
      const result = await bench.delete();
      expect(summaryOf(result)).toMatchObject({ state: 'finished', outcomes: { deleted: 50, absent: 10, failed: 0 }, exitCode: 0 });
      expect(result.exitCode).toBe(0);
    }));

  it('0 for an empty source, with a warning', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', 'id\n');
      const result = await bench.delete();
      expect(result.exitCode).toBe(0);
      expect(result.stderr).toContain('ids.csv holds no rows');
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it('1: some IDs failed and some rows were rejected, and the report says which', () =>
    withPurge({ rules: { poisonIds: [], refusedIds: ['image-000003'], firewallIds: ['image-000005'] } }, async (bench) => {
      bench.writeIds('ids.csv', [...makeIds(10), 'variants/hero', '..']);
      const result = await bench.delete();
      expect(result.exitCode).toBe(1);
      const lines = bench.report();
      expect(lines.find(({ id }) => id === 'image-000003')).toMatchObject({ outcome: 'failed', httpStatus: 400, code: 5400 });
      expect(lines.find(({ id }) => id === 'image-000005')).toMatchObject({ outcome: 'failed', httpStatus: 403 });
      expect(lines.filter(({ outcome }) => outcome === 'rejected').map(({ raw, line }) => [raw, line])).toEqual([
        ['variants/hero', 12],
        ['..', 13],
      ]);
      expect(bench.deleteCount).toBe(10);
    }));

  it('1 with --fail-on-absent, where an ID was absent and no earlier request of ours can be the reason', () =>
    withPurge({ images: { kind: 'list', ids: makeIds(5) } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(6));
      const result = await bench.delete(['--fail-on-absent']);
      expect(result.exitCode).toBe(1);
      expect(result.stderr).toContain('1 not there when this purge came to them (--fail-on-absent)');
    }));

  it('2 for an unknown option, and nothing is sent', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(1));
      for (const option of ['--metrics', '--what']) {
        const result = await bench.delete([option, '1']);
        expect(result.exitCode).toBe(2);
        expect(result.stderr).toContain(option);
      }
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it('2 without --yes where nobody can be asked, before anything is read', () =>
    withPurge({}, async (bench) => {
      const result = await bench.run(['delete', 'missing.csv']);
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toContain('--yes');
    }));

  it('3 when the token is refused, nothing marked failed; with a good one the same command finishes', () =>
    withPurge({ tokenRevokedAfter: 200 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(500));
      const refused = await bench.delete();
      expect(refused.exitCode).toBe(3);
      expect(refused.stderr).toMatch(/refused the credentials \(403, code 10000 "Authentication error; see https:\S+"\)/);
      expect(refused.stderr).toContain(`images-purge resume ${bench.path('ids.csv.checkpoint')} `);
      expect(summaryOf(refused)).toMatchObject({ state: 'unfinished', outcomes: { failed: 0 } });
      const deletedThen = bench.simulator.record.deleted.size;
      expect(summaryOf(refused).outcomes['deleted']).toBe(deletedThen);
    }));

  it('3 for an account the API does not know', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      const result = await bench.delete([], { env: { CLOUDFLARE_ACCOUNT_ID: 'f'.repeat(32) } });
      expect(result.exitCode).toBe(3);
      expect(result.stderr).toContain('7003');
      expect(bench.deleteCount).toBe(0);
    }));

  it('3 for an address that is not the API, which it does not mistake for absent images', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      const result = await bench.run(['delete', 'ids.csv', '--yes', '--base-url', bench.simulator.url.replace('/client/v4', '/elsewhere')]);
      expect(result.exitCode).toBe(3);
      expect(result.stderr).toContain('--base-url');
      expect(bench.simulator.record.deleted.size).toBe(0);
    }));

  it('4 when no ID gets a final answer for --give-up-after', () =>
    withPurge({}, async (bench) => {
      bench.simulator.beginOutage('503');
      bench.writeIds('ids.csv', makeIds(50));
      const result = await bench.delete(['--give-up-after', '2s', '--max-attempts', '2']);
      expect(result.exitCode).toBe(4);
      expect(result.stderr).toContain(`images-purge resume ${bench.path('ids.csv.checkpoint')} `);
    }));

  it('4 at once where Retry-After goes beyond --give-up-after, naming the time of going on', () =>
    withPurge({ quota: { kind: 'fixed', requests: 20, windowMs: 3_600_000, blockMs: 0, burst: 0 } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(50));
      const result = await bench.delete(['--give-up-after', '10s']);
      expect(result.exitCode).toBe(4);
      expect(result.stderr).toMatch(/asks to wait 1 h, until/);
      expect(summaryOf(result).outcomes).toMatchObject({ failed: 0 });
    }));

  it('5 for a source that is broken, naming source and line, and no later row is sent', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', `id\n${makeIds(10).join('\n')}\n"open\n${makeIds(10, 'later').join('\n')}\n`);
      const result = await bench.delete(['--min-ids', '1']);
      expect(result.exitCode).toBe(5);
      expect(result.stderr).toContain('ids.csv, line 12: a quote is opened and never closed');
      expect(bench.deleteCount).toBe(0);
      bench.writeIds('ids.csv', [...makeIds(10), 'open']);
      const fixed = await bench.delete(['--min-ids', '1']);
      expect(fixed.exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(11);
    }));

  it('6 while another run holds the checkpoint', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(500));
      const secondIsRefused = createGate();
      bench.simulator.override(({ seq }) => (seq > 20 ? secondIsRefused.opened.then(() => undefined) : undefined));
      const first = bench.startDelete();
      await bench.simulator.whenRequests(20);
      const second = await bench.delete();
      expect(second.exitCode).toBe(6);
      expect(second.stderr).toContain('another run holds');
      first.child.kill('SIGTERM');
      await first.waitForStderr(/stopping/);
      secondIsRefused.open();
      expect((await first.finished).exitCode).toBe(143);
    }));

  it('7 where a guard refuses, and nothing is sent', () =>
    withPurge({ statsCount: 100 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(30));
      for (const guard of [
        ['--min-ids', '31'],
        ['--max-deletes', '29'],
        ['--max-deletes', '29%'],
      ]) {
        const result = await bench.delete([...guard, '--drop-guards']);
        expect(result).toMatchObject({ exitCode: 7 });
        expect(result.stderr).toContain(guard[0]);
      }
      expect(bench.deleteCount).toBe(0);
      expect((await bench.delete(['--max-deletes', '30%', '--drop-guards'])).exitCode).toBe(0);
    }));

  it('7 with --strict and a rejected row, and nothing is sent', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', 'id,name\na,1\nb,2,x\n');
      const result = await bench.delete(['--strict']);
      expect(result.exitCode).toBe(7);
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it('8 when --limit leaves IDs, and the next run takes the rest', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(50));
      const canary = await bench.delete(['--limit', '10']);
      expect(canary.exitCode).toBe(8);
      expect([...bench.simulator.record.deleted].sort()).toEqual(makeIds(10));
      expect((await bench.resume()).exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(50);
      expect(bench.deleteCount).toBe(50);
    }));

  it('8 when more than --max-failures have failed', () =>
    withPurge({ rules: { poisonIds: [], refusedIds: makeIds(100), firewallIds: [] } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(1_000));
      const result = await bench.delete(['--max-failures', '5', '--concurrency', '2']);
      expect(result.exitCode).toBe(8);
      expect(summaryOf(result).outcomes['failed']).toBeLessThan(10);
    }));

  it.each(['5', '10%'])('8 when more than --max-absent %s are absent', (max) =>
    withPurge({ images: { kind: 'list', ids: makeIds(500) } }, async (bench) => {
      bench.writeIds('ids.csv', [...makeIds(20), ...makeIds(500, 'wrong'), ...makeIds(500).slice(20)]);
      const result = await bench.delete(['--max-absent', max, '--concurrency', '2']);
      expect(result.exitCode).toBe(8);
      expect(result.stderr).toContain('Stopped by --max-absent: ');
      expect(summaryOf(result)).toMatchObject({ state: 'unfinished', outcomes: { deleted: 20 } });
      expect(bench.deleteCount).toBeLessThan(110);
      // A brake of the run: it is not recorded.
      expect((await bench.delete()).exitCode).toBe(0);
    }),
  );

  it('8 when --max-duration is over', () =>
    withPurge({ latencyMs: 20 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5_000));
      expect((await bench.delete(['--max-duration', '1s'])).exitCode).toBe(8);
      expect((await bench.delete(['--concurrency', '200'])).exitCode).toBe(0);
      expect(bench.deleteCount).toBe(5_000);
    }));

  it('no output holds the token', () =>
    withPurge({ tokenRevokedAfter: 50 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(100));
      const result = await bench.delete(['--log-level', 'trace']);
      for (const text of [result.stdout, result.stderr, bench.read('ids.csv.checkpoint.report.ndjson'), bench.read('ids.csv.checkpoint')])
        expect(text).not.toContain(TEST_TOKEN);
    }));
});
