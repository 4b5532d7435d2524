import { describe, expect, it } from 'vitest';

import { EDGE_FORMS, EDGE_WAITS, edgeAnswer } from '../../../src/simulator/answers/edge-answers.ts';
import { htmlPage } from '../../../src/simulator/simulated-answers.ts';
import { NO_FAULTS } from '../../../src/simulator/simulator-options.ts';
import { makeIds, summaryOf, withPurge } from '../../support/purge/purge.ts';
import { batchOptions, eventsOf, tokenRequestsOf } from '../../support/purge/traffic.ts';

describe('an edge 403 on a batch lane', () => {
  it.each(EDGE_FORMS)('as %s fails its ID alone: no lane closes, no token is renewed', (form) =>
    withPurge({}, async (bench) => {
      const { simulator } = bench;
      const ids = makeIds(60);
      const disliked = ids.filter((_, index) => index % 10 === 5);
      simulator.override(({ id }) => (id !== undefined && disliked.includes(id) ? edgeAnswer('1020', { form }) : undefined));
      bench.writeIds('ids.csv', ids);
      const result = await bench.delete([...batchOptions(simulator, 2), '--concurrency', '1']);
      expect(result.exitCode).toBe(1);
      expect(summaryOf(result)).toMatchObject({ outcomes: { deleted: 54, failed: 6 }, pending: 0 });
      expect(bench.report().filter(({ outcome }) => outcome === 'failed')).toMatchObject(
        disliked.map((id) => ({ id, httpStatus: 403, code: 1020, attempts: 1 })),
      );
      // One a lane, and none again; the run may be over before the second lane asks for its own.
      expect(tokenRequestsOf(simulator).length).toBeLessThanOrEqual(2);
      expect(eventsOf(result.stderr, 'lane.closed')).toEqual([]);
      expect(eventsOf(result.stderr, 'lane.renewed')).toEqual([]);
    }),
  );

  it('that many IDs meet in a row ends the run as a firewall does, with all of them pending', () =>
    withPurge({}, async (bench) => {
      const { simulator } = bench;
      simulator.override(({ method }) => (method === 'DELETE' ? edgeAnswer('1020', { form: 'text' }) : undefined));
      bench.writeIds('ids.csv', makeIds(30));
      const result = await bench.delete([...batchOptions(simulator, 2), '--min-ids', '1']);
      expect(result.exitCode).toBe(3);
      expect(summaryOf(result)).toMatchObject({ outcomes: { failed: 0 }, pending: 30 });
      expect(tokenRequestsOf(simulator).length).toBeLessThanOrEqual(2);
      expect(eventsOf(result.stderr, 'lane.renewed')).toEqual([]);
      expect(eventsOf(result.stderr, 'lane.closed')).toEqual([]);
    }));

  it('without a code of the edge stays a refusal of the token', () =>
    withPurge({}, async (bench) => {
      const { simulator } = bench;
      let refusedCount = 0;
      simulator.override(({ id }) => (id === 'image-000003' && refusedCount++ === 0 ? htmlPage(403, 'Attention Required!') : undefined));
      bench.writeIds('ids.csv', makeIds(20));
      const result = await bench.delete([...batchOptions(simulator, 1), '--concurrency', '1']);
      expect(result.exitCode).toBe(0);
      expect(tokenRequestsOf(simulator)).toHaveLength(2);
      expect(eventsOf(result.stderr, 'lane.renewed').map(({ why }) => why)).toEqual(['refused']);
    }));

  it.each(EDGE_FORMS)('that throttles pauses its lane, as %s', (form) =>
    withPurge({}, async (bench) => {
      const { simulator } = bench;
      let throttledCount = 0;
      simulator.override(({ id }) =>
        id === 'image-000003' && throttledCount++ === 0 ? edgeAnswer('1015', { form, status: 403, retryAfterSeconds: 1 }) : undefined,
      );
      bench.writeIds('ids.csv', makeIds(5));
      const result = await bench.delete([...batchOptions(simulator, 1), '--concurrency', '1']);
      expect(result.exitCode).toBe(0);
      expect(simulator.record.deleted.size).toBe(5);
      expect(tokenRequestsOf(simulator)).toHaveLength(1);
      expect(eventsOf(result.stderr, 'lane.throttled')).toMatchObject([{ lane: 1, httpStatus: 403, code: 1015, waitMs: 1_000 }]);
    }),
  );
});

it('a probe that asks for stats is repeated no earlier than its own answer asks for', () =>
  withPurge({}, async (bench) => {
    const { simulator } = bench;
    let isOut = true;
    let statsCount = 0;
    simulator.override(({ method }) => {
      if (!isOut) return undefined;
      if (method === 'DELETE') return edgeAnswer('502', { form: 'json', retryAfterSeconds: 0 });
      // The first is asked before the first DELETE, the second is the first probe; the third finds everything well.
      statsCount++;
      isOut = statsCount < 3;
      return statsCount === 2 ? edgeAnswer('502', { form: 'json', retryAfterSeconds: 4 }) : undefined;
    });
    bench.writeIds('ids.csv', makeIds(30));
    const result = await bench.delete(['--concurrency', '30']);
    expect(result.exitCode).toBe(0);
    expect(summaryOf(result)).toMatchObject({ outcomes: { deleted: 30, failed: 0 } });
    const [, probed = 0, again = 0] = simulator.record.requests.filter(({ method }) => method === 'GET').map(({ atMs }) => atMs);
    expect(again - probed).toBeGreaterThanOrEqual(4_000);
    expect(eventsOf(result.stderr, 'outage.probed')[0]).toMatchObject({ answered: false, nextProbeMs: expect.any(Number) as number });
  }));

it('a rehearsal with the edge’s errors and their waits in every form loses nothing, and tells whole milliseconds', () =>
  withPurge(
    { faults: { ...NO_FAULTS, edgeError: 0.05 }, edge: { codes: ['1205', '1020', '525'], forms: EDGE_FORMS, waits: EDGE_WAITS }, seed: 5 },
    async (bench) => {
      const ids = makeIds(200);
      bench.writeIds('ids.csv', ids);
      const result = await bench.delete(['--log-level', 'debug']);
      expect(result.exitCode).toBe(1);
      const failed = bench.report().filter(({ outcome }) => outcome === 'failed');
      expect(failed.length).toBeGreaterThan(0);
      expect(new Set(failed.map(({ code }) => code))).toEqual(new Set([1020]));
      expect(bench.simulator.record.deleted).toEqual(new Set(ids.filter((id) => !failed.some((line) => line.id === id))));
      const retried = eventsOf(result.stderr, 'item.retried');
      expect(retried.length).toBeGreaterThan(0);
      for (const { delayMs, httpStatus } of retried) {
        expect(Number.isInteger(delayMs)).toBe(true);
        if (httpStatus === 403) expect(delayMs).toBeGreaterThanOrEqual(5_000);
      }
    },
  ));
