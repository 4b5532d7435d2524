import { describe, expect, it } from 'vitest';

import { success } from '../../../src/simulator/simulated-answers.ts';
import type { SimulatedQuota } from '../../../src/simulator/simulator-options.ts';
import { TEST_ACCOUNT, TEST_TOKEN } from '../../support/cli/cli.ts';
import { makeIds, summaryOf, withPurgeProcesses } from '../../support/purge/purge.ts';
import { batchOptions, eventsOf, mostInAnyWindow, seenMs } from '../../support/purge/traffic.ts';

const quotaOf = (kind: SimulatedQuota['kind'], requests: number, windowMs: number): SimulatedQuota => ({
  kind,
  requests,
  windowMs,
  blockMs: 0,
  burst: 0,
});

/** `Ratelimit` and `Ratelimit-Policy` that would stop everything if half of them were believed. */
const MALFORMED: readonly (readonly [string, string])[] = [
  ['"default";r=abc;t=1', '"default";q=10;w=60'],
  ['"default";r=0;t=1', '"default";q=ten;w=60'],
  ['"default";r=0;t=1', '"default";q=0;w=0'],
  ['"other";r=0;t=1', '"default";q=10;w=60'],
  ['"default;r=0;t=1', '"default;q=10;w=60'],
  ['"default";r=-5;t=1', '"default";q=10;w=99999999999'],
  [',,;;=r=0,"', 'q=1;w=1;;,"'],
  ['"default";r=0;t=1', ''],
];

describe.concurrent('what Ratelimit headers tell', () => {
  it.each(['fixed', 'sliding'] as const)('of a %s quota tighter than --rate is obeyed and reported; its reserve is for late ones', (kind) =>
    withPurgeProcesses({ quota: quotaOf(kind, 40, 4_000), sendsRatelimitHeaders: true }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(80));
      const result = await bench.delete(['--rate', '1000/s', '--reserve', '20%']);
      expect(result.exitCode).toBe(0);
      const { record } = bench.simulator;
      expect(record.deleted.size).toBe(80);
      expect(record.throttledCount).toBe(0);
      // Eight are kept back. On a busy machine some of one window arrive in the next: some of the reserve is for them.
      expect(Math.min(...record.requests.map(({ left }) => left ?? Infinity))).toBeGreaterThan(0);
      expect(eventsOf(result.stderr, 'lane.policy')).toMatchObject([
        { lane: 'account', policy: 'default', requests: 40, windowMs: 4_000, isTighter: true },
      ]);
    }),
  );

  it('of a quota wider than --rate is reported, and --rate holds', () =>
    withPurgeProcesses({ quota: quotaOf('fixed', 1_000, 4_000), sendsRatelimitHeaders: true }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(40));
      const result = await bench.delete(['--rate', '30/4s']);
      expect(result.exitCode).toBe(0);
      expect(eventsOf(result.stderr, 'lane.policy')).toMatchObject([{ requests: 1_000, isTighter: false }]);
      expect(mostInAnyWindow(bench.simulator.record.requests, seenMs(4_000))).toBeLessThanOrEqual(30);
    }));

  it('without a reserve is used to the last request, and never beyond', () =>
    withPurgeProcesses({ quota: quotaOf('fixed', 20, 4_000), sendsRatelimitHeaders: true }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(50));
      const result = await bench.delete(['--reserve', '0%']);
      expect(result.exitCode).toBe(0);
      expect(bench.simulator.record.throttledCount).toBe(0);
      expect(Math.min(...bench.simulator.record.requests.map(({ left }) => left ?? Infinity))).toBeLessThanOrEqual(2);
    }));

  it('leaves to other people what they took before: nothing is sent from the reserve, to the end of the run', () =>
    withPurgeProcesses({ quota: quotaOf('fixed', 30, 3_600_000), sendsRatelimitHeaders: true }, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(50));
      // The dashboard has used all but four of the hour's requests; three of them are the reserve.
      for (let request = 0; request < 26; request++)
        await fetch(`${simulator.url}/accounts/${TEST_ACCOUNT}/images/v1/stats`, { headers: { authorization: `Bearer ${TEST_TOKEN}` } });
      const result = await bench.delete(['--give-up-after', '5s']);
      expect(result.exitCode).toBe(4);
      expect(summaryOf(result)).toMatchObject({ run: { requests: 1, throttled: 0 }, pending: 50, outcomes: { failed: 0 } });
      expect(simulator.record.requests.at(-1)?.left).toBe(3);
    }));

  it('is ignored where it is malformed', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(80));
      let answered = 0;
      bench.simulator.override(({ method }) => {
        const [ratelimit = '', policy = ''] = MALFORMED[answered++ % MALFORMED.length] ?? [];
        return method === 'DELETE' ? success({}, { ratelimit, 'ratelimit-policy': policy }) : undefined;
      });
      const result = await bench.delete(['--rate', '200/s', '--give-up-after', '1m']);
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result).outcomes).toMatchObject({ deleted: 80 });
      expect(eventsOf(result.stderr, 'lane.policy')).toEqual([]);
    }));

  it('on the batch host is the account’s, and holds no batch lane back', () =>
    withPurgeProcesses({ quota: quotaOf('fixed', 10, 60_000), sendsRatelimitHeaders: true }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(60));
      const result = await bench.delete([...batchOptions(bench.simulator, 1), '--rate', '100/s']);
      expect(result.exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(60);
      expect(eventsOf(result.stderr, 'lane.policy').map(({ lane }) => lane)).toEqual(['account']);
    }));
});
