import { describe, expect, it } from 'vitest';

import { type VirtualAnswer, VirtualDeleting, type VirtualRequest } from '../../support/purge/virtual-deleting.ts';

/** DELETEs get this answer between two times; stats are always answered. */
const deletesOut =
  (fromMs: number, toMs: number, answer: VirtualAnswer = 503) =>
  ({ id, atMs }: VirtualRequest): VirtualAnswer =>
    id !== undefined && atMs >= fromMs && atMs < toMs ? answer : 'done';

describe('an outage of DELETEs alone', () => {
  it.each([40_000, 290_000])('of %i ms fails no ID: what follows the first probe with stats is probed with IDs', async (lengthMs) => {
    const run = new VirtualDeleting({ idCount: 300, answer: deletesOut(500, 500 + lengthMs) });
    await run.untilDone();
    expect([run.count('deleted'), run.count('failed')]).toEqual([300, 0]);
    // Twice 20 failures and what was in flight with them, one probe with stats, and those with IDs at 1 s, 2 s, 4 s…
    const probes = run.requestsIn(4_000, 500 + lengthMs);
    expect(run.requestsIn(500, 4_000).length).toBeLessThanOrEqual(2 * 36 + 1);
    expect(probes.length).toBeLessThanOrEqual(10);
    expect(new Set(probes.map(({ id }) => id)).size).toBe(probes.length);
    expect(run.requests.filter(({ id }) => id === undefined)).toHaveLength(1);
  });

  it('that ends in silence fails no ID either, though each failure takes half a minute', async () => {
    const run = new VirtualDeleting({ idCount: 300, answer: deletesOut(500, 900_000, 'silence') });
    await run.untilDone();
    expect([run.count('deleted'), run.count('failed')]).toEqual([300, 0]);
    expect(run.requests.filter(({ id }) => id === undefined)).toHaveLength(1);
  });

  it('does not doubt stats for good: after an answered DELETE and a minute they are asked again', async () => {
    const answer = ({ id, atMs }: VirtualRequest): VirtualAnswer =>
      id !== undefined && (atMs < 10_000 || (atMs >= 300_000 && atMs < 310_000)) ? 503 : 'done';
    const run = new VirtualDeleting({ idCount: 2_000, answer, rate: { kind: 'limited', requests: 5, perMs: 1_000 } });
    await run.untilDone();
    expect(run.count('deleted')).toBe(2_000);
    const statsAtMs = run.requests.filter(({ id }) => id === undefined).map(({ atMs }) => Math.floor(atMs / 100_000));
    expect(statsAtMs).toEqual([0, 3]);
  });
});

describe('an outage met by few', () => {
  it.each([
    [5, 60_000],
    [9, 400_000],
  ])('that are %i IDs on a list is one, of %i ms: none fails, and what is sent is bounded by the probes', async (idCount, lengthMs) => {
    const run = new VirtualDeleting({ idCount, answer: deletesOut(0, lengthMs) });
    await run.untilDone();
    expect([run.count('deleted'), run.count('failed')]).toEqual([idCount, 0]);
    // In each outage: the failures that lead to it, and a probe for each ID.
    const outageCount = run.events.filter(({ kind }) => kind === 'outage.started').length;
    expect(outageCount).toBeGreaterThan(1);
    expect(run.requestsIn(0, lengthMs).length).toBeLessThanOrEqual(outageCount * 4 * idCount);
    expect(run.requestsIn(10_000, 30_000).length).toBeLessThanOrEqual(2);
  });

  it.each([
    ['one', 1, 9],
    ['one', 1, 300],
    ['four', 4, 300],
  ])(
    'requests at a time that end in silence (%s) is one: other IDs fail before the first ones fail again',
    async (_, concurrency, idCount) => {
      const run = new VirtualDeleting({
        idCount,
        pace: { concurrency },
        isStatsPermitted: false,
        answer: deletesOut(0, 1_200_000, 'silence'),
      });
      await run.untilDone();
      expect([run.count('deleted'), run.count('failed')]).toEqual([idCount, 0]);
    },
  );
});

describe('an outage of DELETEs under a backup', () => {
  it.each([40, 400, 4_000])('uses up three attempts of no ID, where each image takes %i ms to save', async (savingMs) => {
    const answer = deletesOut(0, 40_000 + 100 * savingMs);
    const run = new VirtualDeleting({ idCount: 40, savingMs, pace: { concurrency: 4 }, answer });
    await run.untilDone();
    expect(run.events.filter(({ kind }) => kind === 'outage.started').length).toBeGreaterThan(1);
    expect([run.count('deleted'), run.count('failed')]).toEqual([40, 0]);
    expect(run.events.filter((event) => event.kind === 'item.retried' && event.attempt > 2)).toEqual([]);
  });
});

describe('probes', () => {
  it('go on from 1 s to a minute and through the IDs, and start again at 1 s with the next outage', async () => {
    const run = new VirtualDeleting({ idCount: 300, isStatsPermitted: false, answer: deletesOut(0, 420_000) });
    await run.untilDone();
    expect([run.count('deleted'), run.count('failed')]).toEqual([300, 0]);
    const [first = 0, second = 0] = run.events.flatMap((event, index) => (event.kind === 'outage.ended' ? [index] : []));
    const waits = (from: number, to: number): number[] =>
      run.events.slice(from, to).flatMap((event) => (event.kind === 'outage.probed' ? [event.nextProbeMs] : []));
    expect(waits(0, first)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000, 0]);
    expect(waits(first, second).slice(0, 3)).toEqual([2_000, 4_000, 8_000]);
  });

  it('wait as long as the API says, and end the run at once where that is beyond --give-up-after', async () => {
    const answer = deletesOut(0, 250_000, { retryAfter: '100' });
    const run = new VirtualDeleting({ idCount: 300, isStatsPermitted: false, answer });
    await run.untilDone();
    expect([run.count('deleted'), run.count('failed')]).toEqual([300, 0]);
    expect(run.requestsIn(1_000, 250_000).map(({ atMs }) => Math.floor(atMs / 1_000))).toEqual([100, 200]);
    const short = new VirtualDeleting({ idCount: 300, pace: { giveUpAfterMs: 60_000 }, answer });
    await short.untilDone();
    expect(short.halt.ending).toMatchObject({ request: { name: 'gave up' } });
    expect(short.clock.monotonicMs()).toBeLessThan(10_000);
  });
});
