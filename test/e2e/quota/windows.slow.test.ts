import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { describe, expect, it } from 'vitest';

import { makeIds, type PurgeBench, summaryOf, withPurgeProcesses } from '../../support/purge/purge.ts';
import { batchOptions, mostInAnyWindow, seenMs } from '../../support/purge/traffic.ts';

/** Of `--rate N/6s`. */
const WINDOW_MS = seenMs(6_000);

async function killAfter(
  bench: PurgeBench,
  more: readonly string[],
  start: 'startDelete' | 'startResume',
  requestCount: number,
): Promise<void> {
  const running = bench[start](more);
  await bench.simulator.whenRequests(bench.simulator.record.requestCount + requestCount);
  running.child.kill('SIGKILL');
  await running.finished;
}

/** Requests of the account that the checkpoint knows of, sent or about to be. */
function permitsOnRecord(path: string, lane: string): number {
  if (!existsSync(path)) return 0;
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return Number(db.prepare('SELECT coalesce(sum(count), 0) AS count FROM permit WHERE lane = ?').get(lane)?.['count']);
  } finally {
    db.close();
  }
}

describe.concurrent('no window of the rate’s length, wherever it starts, holds more requests than the rate', () => {
  it('over runs that are killed and resumed, stats included; each request was on record before it was sent', () =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(50));
      const rate = ['--rate', '30/6s', '--concurrency', '8'];
      const unrecorded: number[] = [];
      let seen = 0;
      simulator.override(() => {
        seen++;
        if (permitsOnRecord(bench.path('ids.csv.checkpoint'), 'account') < seen) unrecorded.push(seen);
        return undefined;
      });
      await killAfter(bench, rate, 'startDelete', 12);
      await killAfter(bench, rate, 'startResume', 9);
      await killAfter(bench, rate, 'startDelete', 1);
      const last = await bench.resume(rate);
      expect(last.exitCode).toBe(0);
      expect(simulator.record.deleted.size).toBe(50);
      expect(unrecorded).toEqual([]);
      expect(simulator.record.requests.filter(({ rawUrl }) => rawUrl.endsWith('/stats'))).toHaveLength(4);
      expect(mostInAnyWindow(simulator.record.requests, WINDOW_MS)).toBeLessThanOrEqual(30);
    }));

  it('nor over runs that end by themselves, and are stopped by a signal, one after the other', () =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(40));
      const rate = ['--rate', '30/6s'];
      expect((await bench.delete([...rate, '--limit', '12'])).exitCode).toBe(8);
      const stopped = bench.startResume(rate);
      await simulator.whenRequests(20);
      stopped.child.kill('SIGTERM');
      expect((await stopped.finished).exitCode).toBe(143);
      expect((await bench.delete(rate)).exitCode).toBe(0);
      expect(mostInAnyWindow(simulator.record.requests, WINDOW_MS)).toBeLessThanOrEqual(30);
      // What was never used is taken off the record again: a run that ended by itself leaves what it sent, and no more.
      expect(permitsOnRecord(bench.path('ids.csv.checkpoint'), 'account')).toBe(simulator.record.requestCount);
    }));

  it('nor over a purge that follows a finished one at the same place', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(20));
      const rate = ['--rate', '30/6s'];
      expect((await bench.delete(rate)).exitCode).toBe(0);
      bench.writeIds('ids.csv', makeIds(20, 'next'));
      expect((await bench.delete(rate)).exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(40);
      expect(mostInAnyWindow(bench.simulator.record.requests, WINDOW_MS)).toBeLessThanOrEqual(30);
    }));

  it('on each batch token, and on the account’s own lane, where each run asks for stats and for new tokens', () =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(40));
      const options = [...batchOptions(simulator, 2), '--rate', '12/6s'];
      for (let kill = 0; kill < 4; kill++) await killAfter(bench, options, kill === 0 ? 'startDelete' : 'startResume', 6);
      const last = await bench.resume(options);
      expect(last.exitCode).toBe(0);
      expect(summaryOf(last)).toMatchObject({ outcomes: { failed: 0 }, pending: 0 });
      expect(simulator.record.deleted.size).toBe(40);
      const lanes = ['account', ...simulator.batchTokens];
      expect(simulator.record.requests.filter(({ lane }) => lane === 'account').length).toBeGreaterThan(12);
      for (const lane of lanes) {
        expect(
          mostInAnyWindow(
            simulator.record.requests.filter((request) => request.lane === lane),
            WINDOW_MS,
          ),
        ).toBeLessThanOrEqual(12);
      }
    }));
});

describe('a window that earlier runs have used up', () => {
  it('keeps a run waiting for --give-up-after and no longer, though it has not even asked for stats: exit 4', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      const options = ['--rate', '1/1h', '--give-up-after', '1s'];
      const first = await bench.delete(options);
      expect(first.exitCode).toBe(4);
      const second = await bench.resume(options);
      expect(second.exitCode).toBe(4);
      expect(second.stderr).toContain('no ID got a final answer for 1 s (--give-up-after)');
      expect(bench.simulator.record.requests.map(({ rawUrl }) => rawUrl.split('/').at(-1))).toEqual(['stats']);
    }));
});
