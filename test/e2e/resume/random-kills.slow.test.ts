import { describe, expect, it } from 'vitest';

import { seededRandom } from '../../../src/simulator/random.ts';
import { makeIds, type PurgeBench, summaryOf, withPurgeProcesses } from '../../support/purge/purge.ts';

/** The contract's bound: what is in flight, or answered in the last group that was not committed yet. */
const RESENT_MAX = 2_000 + 16;

async function killAt(bench: PurgeBench, start: 'startDelete' | 'startResume', requestCount: number): Promise<void> {
  const running = bench[start]();
  await Promise.race([bench.simulator.whenRequests(requestCount), running.finished]);
  running.child.kill('SIGKILL');
  await running.finished;
}

function expectTruth(bench: PurgeBench, ids: readonly string[]): void {
  const { record } = bench.simulator;
  const outcomes = bench.outcomes();
  expect([...outcomes.keys()].sort()).toEqual([...ids].sort());
  for (const [id, outcome] of outcomes) if (outcome === 'deleted') expect(record.deleted.has(id)).toBe(true);
  for (const id of record.deleteRequests.keys()) expect(ids).toContain(id);
  expect(record.siblingHits).toEqual([]);
}

describe('SIGKILL', () => {
  it('at random instants of delete and resume: each ID exactly one line, nothing lost, re-sends within the bound', () =>
    withPurgeProcesses({ latencyMs: 1 }, async (bench) => {
      const ids = makeIds(4_000);
      bench.writeIds('ids.csv', ids);
      const random = seededRandom(20_261_124);
      let requests = 0;
      let kills = 0;
      for (; kills < 12 && requests < 3_500; kills++) {
        requests = bench.simulator.record.requestCount + Math.floor(random() * 500);
        await killAt(bench, kills % 3 === 2 ? 'startResume' : 'startDelete', requests);
      }
      const last = await bench.delete();
      expect(last.exitCode).toBe(0);
      expect(summaryOf(last)).toMatchObject({ state: 'finished', pending: 0 });
      expectTruth(bench, ids);
      expect(bench.deleteCount).toBeLessThanOrEqual(ids.length + kills * RESENT_MAX);
      expect(kills).toBeGreaterThan(5);
    }));
});
