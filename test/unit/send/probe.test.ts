import { describe, expect, it } from 'vitest';

import { createOutageDetector } from '../../../src/send/outage-detector.ts';
import type { ProbeResult } from '../../../src/send/outage-probing.ts';
import type { Permit } from '../../../src/pace/types.ts';
import type { Lanes } from '../../../src/pace/lanes.ts';
import type { RunCounters } from '../../../src/run/counters.ts';
import type { Feed } from '../../../src/send/feed.ts';
import type { Work } from '../../../src/send/work.ts';
import { createProbe } from '../../../src/send/probe.ts';
import { imageId } from '../../support/ledger/checkpoint.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const { signal: NEVER } = new AbortController();

const work = (seq: number): Work => ({ seq, id: imageId(`image-${seq}`), attempts: 0, isUnknown: false });

const PERMIT = { lane: { requestEnded: () => undefined } } as unknown as Permit;

/** Probes of IDs (stats are not permitted), none of which is ever answered. */
class Bench {
  readonly state: { ready: Work[]; waitingCount: number; inFlight: number; nudgeCount: number; aside: Work[] };
  readonly probed: string[] = [];
  readonly probe: ReturnType<typeof createProbe>;
  readonly #feed: Feed;

  constructor(readyCount: number) {
    const state = {
      ready: Array.from({ length: readyCount }, (_, index) => work(index)),
      waitingCount: 0,
      inFlight: 0,
      nudgeCount: 0,
      aside: [] as Work[],
    };
    this.state = state;
    const feed: Partial<Feed> = {
      take: () => state.ready.shift(),
      nudge: () => void state.nudgeCount++,
      bringBack() {
        const works = state.aside.splice(0);
        state.ready.unshift(...works.toReversed());
        state.nudgeCount++;
        return works.length;
      },
      release: () => void this.#feed.bringBack(),
      isExhausted: () => state.ready.length === 0 && state.waitingCount === 0,
      pendingCount: () => state.ready.length + state.aside.length + state.waitingCount,
    };
    this.#feed = feed as Feed;
    this.probe = createProbe({
      lanes: { takeProbe: () => Promise.resolve(PERMIT) } as unknown as Lanes,
      counters: state as unknown as RunCounters,
      askStats: undefined,
      clock: new VirtualClock(),
      feed: feed as Feed,
      send: (item) => {
        this.probed.push(item.id);
        state.aside.push(item);
        return Promise.resolve(false);
      },
    });
  }

  /** How many probes it takes until sending goes on; at most `countMax` are tried. */
  async probesUntilOver(countMax = 100): Promise<number> {
    const outage = createOutageDetector({ pendingCount: () => this.#feed.pendingCount() + this.state.inFlight });
    for (let n = 0; n < 20; n++) outage.failure({ id: `image-${n}`, isGivenUp: false });
    let count = 0;
    while (outage.isActive && count < countMax) {
      count++;
      const result = await this.probe.once(undefined, NEVER);
      if (result !== undefined) outage.probed(result.isAnswered, result.id);
    }
    return count;
  }
}

describe('probing with pending IDs', () => {
  it('takes another ID each time, and ends after ten of them', async () => {
    const bench = new Bench(50);
    expect(await bench.probesUntilOver()).toBe(10);
    expect(new Set(bench.probed).size).toBe(10);
  });

  it('ends once each has been probed where fewer are left', async () => {
    const bench = new Bench(3);
    expect(await bench.probesUntilOver()).toBe(3);
    expect(new Set(bench.probed).size).toBe(3);
  });

  it('does not take one ID that comes round again for all, while others wait for their next try', async () => {
    const bench = new Bench(1);
    bench.state.waitingCount = 11;
    expect(await bench.probesUntilOver(50)).toBe(50);
  });

  it('ends where nothing at all is left, but not while something is in flight', async () => {
    const bench = new Bench(0);
    bench.state.inFlight = 1;
    expect(await bench.probesUntilOver(50)).toBe(50);
    bench.state.inFlight = 0;
    expect(await bench.probesUntilOver()).toBe(1);
    expect(bench.probed).toEqual([]);
  });

  it('gives back what was set aside, and wakes those who wait even where nothing was', async () => {
    const bench = new Bench(2);
    await bench.probe.once(undefined, NEVER);
    expect(bench.state.ready).toHaveLength(1);
    bench.probe.release();
    expect(bench.state.ready).toHaveLength(2);
    const before = bench.state.nudgeCount;
    bench.probe.release();
    expect(bench.state.nudgeCount).toBe(before + 1);
  });
});

describe('probing with stats', () => {
  const stats: ProbeResult = { isAnswered: true, id: undefined };
  const failed = (id: string): ProbeResult => ({ isAnswered: false, id });

  /** Stats are always answered, DELETEs never. */
  function createStatsProbe(clock: VirtualClock): ReturnType<typeof createProbe> {
    const ids = [1, 2, 3].map(work);
    return createProbe({
      lanes: { takeProbe: () => Promise.resolve(PERMIT) } as unknown as Lanes,
      counters: { inFlight: 0 } as RunCounters,
      askStats: () => Promise.resolve(stats),
      feed: { take: () => ids.shift(), nudge: () => undefined } as Partial<Feed> as Feed,
      clock,
      send: () => Promise.resolve(false),
    });
  }

  it('is given up for the outage that comes back within a minute of an answer, and tried again for later ones', async () => {
    const clock = new VirtualClock();
    const probe = createStatsProbe(clock);
    probe.begin();
    expect(await probe.once(undefined, NEVER)).toEqual(stats);
    probe.answered();
    await clock.advance(60_000);
    probe.begin();
    await clock.advance(300_000);
    expect(await probe.once(undefined, NEVER)).toEqual(failed('image-1'));
    expect(await probe.once(undefined, NEVER)).toEqual(failed('image-2'));
    probe.begin();
    expect(await probe.once(undefined, NEVER)).toEqual(stats);
  });

  it('is given up, however late the outage comes back, until a DELETE has been answered', async () => {
    const clock = new VirtualClock();
    const probe = createStatsProbe(clock);
    probe.begin();
    expect(await probe.once(undefined, NEVER)).toEqual(stats);
    // Requests that fail by silence take so long.
    for (const id of ['image-1', 'image-2']) {
      await clock.advance(600_000);
      probe.begin();
      expect(await probe.once(undefined, NEVER)).toEqual(failed(id));
    }
    probe.answered();
    probe.begin();
    expect(await probe.once(undefined, NEVER)).toEqual(stats);
  });
});
