import { describe, expect, it } from 'vitest';

import { htmlPage } from '../../../src/simulator/simulated-answers.ts';
import { makeIds, type PurgeBench, summaryOf, withPurgeProcesses } from '../../support/purge/purge.ts';
import { deletesOf, eventsOf } from '../../support/purge/traffic.ts';

const CONCURRENCY = 16;
/** What leads to an outage, and what was in flight when it began. */
const FAILURES_MAX = 20 + CONCURRENCY - 1;

/** Deletes these IDs while every DELETE is answered 503, until the log shows so much; stats are answered all along. */
async function deleteWhileOut(
  bench: PurgeBench,
  ids: readonly string[],
  until: RegExp,
): Promise<{ stderr: string; deletesWhileOut: number }> {
  bench.writeIds('ids.csv', ids);
  bench.simulator.override(({ method }) => (method === 'DELETE' ? htmlPage(503, '503 Service Temporarily Unavailable') : undefined));
  const running = bench.startDelete(['--concurrency', String(CONCURRENCY)]);
  await running.waitForStderr(until);
  bench.simulator.override(undefined);
  const deletesWhileOut = deletesOf(bench.simulator).length;
  const result = await running.finished;
  expect(result.exitCode).toBe(0);
  expect(summaryOf(result)).toMatchObject({ outcomes: { deleted: ids.length, failed: 0 }, pending: 0 });
  expect(bench.simulator.record.deleted).toEqual(new Set(ids));
  return { stderr: result.stderr, deletesWhileOut };
}

const statsCount = ({ simulator }: PurgeBench): number =>
  simulator.record.requests.filter(({ method, rawUrl }) => method === 'GET' && rawUrl.endsWith('/stats')).length;

const TWO_PROBES_IN_VAIN = /"answered":true[^]*"outage.started"[^]*"answered":false[^]*"answered":false/;

describe.concurrent('DELETEs that are out while stats are answered', () => {
  it('fail none of 300 IDs: once the outage has come back, IDs show when it is over', () =>
    withPurgeProcesses({}, async (bench) => {
      const { stderr, deletesWhileOut } = await deleteWhileOut(bench, makeIds(300), TWO_PROBES_IN_VAIN);
      expect(eventsOf(stderr, 'outage.started')).toHaveLength(2);
      expect(eventsOf(stderr, 'outage.probed').map(({ answered }) => answered)).toEqual([true, false, false, true]);
      expect(deletesWhileOut).toBeLessThanOrEqual(2 * FAILURES_MAX + 2);
      // Before the first DELETE, and as the first probe.
      expect(statsCount(bench)).toBe(2);
    }));

  it('fail none of nine IDs', () =>
    withPurgeProcesses({}, async (bench) => {
      const { stderr, deletesWhileOut } = await deleteWhileOut(bench, makeIds(9), TWO_PROBES_IN_VAIN);
      const started = eventsOf(stderr, 'outage.started');
      expect(started).toHaveLength(2);
      // Each of the nine failed twice, some of them meanwhile once or twice more.
      for (const { failures } of started) expect(failures).toBeGreaterThanOrEqual(18);
      expect(deletesWhileOut).toBeLessThanOrEqual(2 * FAILURES_MAX + 2);
      expect(statsCount(bench)).toBe(2);
    }));
});
