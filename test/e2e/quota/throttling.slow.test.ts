import { describe, expect, it } from 'vitest';

import { failure, throttled } from '../../../src/simulator/simulated-answers.ts';
import type { RecordedRequest } from '../../../src/simulator/simulator-record.ts';
import { makeIds, summaryOf, withPurgeProcesses } from '../../support/purge/purge.ts';
import { batchOptions, createGate, deletesOf, eventsOf } from '../../support/purge/traffic.ts';

/** Clocks of two processes tick in steps of their own. */
const TICK_MS = 5;

/** Longer than one wait of 4 s and shorter than two, with three seconds for a busy machine to ask in between. */
const GIVE_UP_AFTER = '7s';

/** How long nothing came in after the last 429 of each row of them. */
function pausesAfter429(requests: readonly RecordedRequest[]): number[] {
  return requests.flatMap(({ status, atMs }, index) => {
    const next = requests[index + 1];
    return status === 429 && next !== undefined && next.status !== 429 ? [next.atMs - atMs] : [];
  });
}

/** From the first 429 of each row, which begins a block, until the first request that is none. Some on their way then may come late. */
function blocksSeen(requests: readonly RecordedRequest[]): number[] {
  let beganAtMs: number | undefined;
  return requests.flatMap(({ status, atMs }) => {
    const began = beganAtMs;
    beganAtMs = status === 429 ? (began ?? atMs) : undefined;
    return status === 429 || began === undefined ? [] : [atMs - began];
  });
}

describe.concurrent('a 429', () => {
  it('to everything in flight pauses the lane once, for all its workers, and uses up no attempt', () =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(100));
      const inFlight: string[] = [];
      const allThere = createGate();
      simulator.override(async ({ id }) => {
        if (id === undefined || inFlight.length >= 8) return undefined;
        if (inFlight.push(id) === 8) allThere.open();
        await allThere.opened;
        return throttled(1);
      });
      const result = await bench.delete(['--rate', '200/s', '--concurrency', '8', '--max-attempts', '1']);
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result)).toMatchObject({ outcomes: { deleted: 100, failed: 0 }, run: { throttled: 8, requests: 109 } });
      expect(eventsOf(result.stderr, 'lane.throttled')).toHaveLength(1);
      const [pause = 0, ...more] = pausesAfter429(simulator.record.requests);
      expect(more).toEqual([]);
      expect(pause).toBeGreaterThanOrEqual(1_000 - TICK_MS);
      expect(bench.report().every(({ attempts }) => attempts === 1)).toBe(true);
    }));

  it('that begins a block is waited out whole: the server sees nothing until the block is over, and each block once', () =>
    withPurgeProcesses({ quota: { kind: 'fixed', requests: 40, windowMs: 1_000, blockMs: 2_000, burst: 0 } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(100));
      const result = await bench.delete(['--concurrency', '4']);
      expect(result.exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(100);
      const blocks = blocksSeen(bench.simulator.record.requests);
      expect(blocks.length).toBeGreaterThan(0);
      for (const block of blocks) expect(block).toBeGreaterThanOrEqual(2_000 - TICK_MS);
      expect(eventsOf(result.stderr, 'lane.throttled')).toHaveLength(blocks.length);
      expect(bench.simulator.record.throttledCount).toBeLessThanOrEqual(blocks.length * 4);
    }));

  it.each([
    ['with a Retry-After', throttled(4), /asks to wait again, until/],
    ['without one', failure(429, 971, 'Please wait'), /--give-up-after/],
    ['under the status 200', failure(200, 10_429, 'Please wait', { 'retry-after': '4' }), /asks to wait again, until/],
  ])('without end, %s, ends by --give-up-after: exit 4, nothing failed, and can be resumed', (_, answer, message) =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(30));
      bench.simulator.override(({ method }) => (method === 'DELETE' ? answer : undefined));
      const result = await bench.delete(['--give-up-after', GIVE_UP_AFTER, '--max-attempts', '1', '--concurrency', '4']);
      expect(result.exitCode).toBe(4);
      expect(result.stderr).toMatch(message);
      expect(summaryOf(result)).toMatchObject({ state: 'unfinished', pending: 30, outcomes: { deleted: 0, failed: 0 } });
      bench.simulator.override(undefined);
      expect((await bench.resume()).exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(30);
    }),
  );

  it('of the block that stats meet ends at once where it is longer than --give-up-after, naming when to go on', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(10));
      bench.simulator.override(() => throttled(300));
      const result = await bench.delete(['--give-up-after', '1m']);
      expect(result.exitCode).toBe(4);
      expect(result.stderr).toMatch(/the API asks to wait 5 min, until/);
      expect(bench.simulator.record.requestCount).toBe(1);
      expect(bench.deleteCount).toBe(0);
    }));
});

describe.concurrent('a 429 where there are batch tokens', () => {
  it('pauses its own lane; the others go on and do the work', () =>
    // A busy machine may well meet the simulator's own quota for a token.
    withPurgeProcesses({ batchTokenRate: 100_000 }, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(200));
      simulator.override(({ lane }) => (lane === simulator.batchTokens[0] ? throttled(60) : undefined));
      const result = await bench.delete([...batchOptions(simulator, 2), '--rate', '150/s']);
      expect(result.exitCode).toBe(0);
      expect(simulator.record.deleted.size).toBe(200);
      expect(eventsOf(result.stderr, 'lane.throttled').every(({ lane }) => lane === 1)).toBe(true);
      expect(
        deletesOf(simulator)
          .filter(({ status }) => status === 429)
          .every(({ lane }) => lane === simulator.batchTokens[0]),
      ).toBe(true);
    }));

  it('for longer than --give-up-after on one lane does not end a run whose other lanes go on', () =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(200));
      simulator.override(({ lane }) => (lane === simulator.batchTokens[0] ? throttled(3_600) : undefined));
      const result = await bench.delete([...batchOptions(simulator, 2), '--rate', '150/s', '--give-up-after', '10m']);
      expect(result.exitCode).toBe(0);
      expect(simulator.record.deleted.size).toBe(200);
    }));

  it('for longer than --give-up-after on every lane ends at once: exit 4', () =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(200));
      simulator.override(({ method }) => (method === 'DELETE' ? throttled(3_600) : undefined));
      const result = await bench.delete([...batchOptions(simulator, 2), '--rate', '150/s', '--give-up-after', '10m']);
      expect(result.exitCode).toBe(4);
      expect(result.stderr).toMatch(/the API asks to wait 1 h, until/);
      expect(summaryOf(result)).toMatchObject({ pending: 200, outcomes: { failed: 0 } });
    }));

  it('to the renewal of the only token, for longer than --give-up-after, ends at once and names when to go on', () =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(50));
      let asked = 0;
      simulator.override(({ rawUrl, lane }) => {
        if (lane !== 'account') return simulator.record.deleted.size >= 10 ? failure(401, 10000, 'Authentication error') : undefined;
        return rawUrl.endsWith('/batch_token') && ++asked > 1 ? throttled(600) : undefined;
      });
      const result = await bench.delete([...batchOptions(simulator, 1), '--rate', '150/s', '--give-up-after', '1m']);
      expect(result.exitCode).toBe(4);
      expect(result.stderr).toMatch(/the API asks to wait 10 min, until/);
      expect(summaryOf(result)).toMatchObject({ outcomes: { failed: 0 }, pending: 50 - simulator.record.deleted.size });
    }));

  it('to the renewal of one token of two, for longer than --give-up-after, ends nothing: the other lane does the work', () =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(200));
      let asked = 0;
      simulator.override(({ rawUrl, lane }) => {
        if (lane === simulator.batchTokens[0]) return failure(401, 10000, 'Authentication error');
        return rawUrl.endsWith('/batch_token') && ++asked > 2 ? throttled(600) : undefined;
      });
      const result = await bench.delete([...batchOptions(simulator, 2), '--rate', '150/s', '--give-up-after', '1m']);
      expect(result.exitCode).toBe(0);
      expect(simulator.record.deleted.size).toBe(200);
    }));

  it.each([
    ['without end', throttled(4), GIVE_UP_AFTER, /the API asks to wait again, until/],
    ['for longer than that', throttled(300), '1m', /the API asks to wait 5 min, until/],
  ])('to the first token request %s ends by --give-up-after: exit 4', (_, answer, giveUpAfter, message) =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(10));
      bench.simulator.override(({ rawUrl }) => (rawUrl.endsWith('/batch_token') ? answer : undefined));
      const result = await bench.delete([...batchOptions(bench.simulator, 2), '--give-up-after', giveUpAfter]);
      expect(result.exitCode).toBe(4);
      expect(result.stderr).toMatch(message);
      expect(bench.deleteCount).toBe(0);
    }),
  );
});
