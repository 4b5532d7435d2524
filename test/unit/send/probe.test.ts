import { describe, expect, it } from 'vitest';

import { createOutage } from '../../../src/pace/outage.ts';
import type { Permit } from '../../../src/pace/types.ts';
import type { DeletingOptions } from '../../../src/send/deleting.ts';
import type { Feed, Work } from '../../../src/send/feed.ts';
import { createProbe } from '../../../src/send/probe.ts';
import { imageId } from '../../support/ledger/checkpoint.ts';

const work = (seq: number): Work => ({ seq, id: imageId(`image-${seq}`), attempts: 0, isUnknown: false });

const PERMIT = { lane: { settled: () => undefined } } as unknown as Permit;

/** Probes of IDs (stats are not permitted), none of which is ever answered. */
class Bench {
  readonly state: { ready: Work[]; waitingCount: number; inFlight: number; nudgeCount: number; held: Work[] };
  readonly probed: string[] = [];
  readonly probe: ReturnType<typeof createProbe>;

  constructor(readyCount: number) {
    const state = {
      ready: Array.from({ length: readyCount }, (_, index) => work(index)),
      waitingCount: 0,
      inFlight: 0,
      nudgeCount: 0,
      held: [] as Work[],
    };
    this.state = state;
    const feed: Partial<Feed> = {
      take: () => state.ready.shift(),
      putBack: (item) => void state.ready.unshift(item),
      nudge: () => void state.nudgeCount++,
      isExhausted: () => state.ready.length === 0 && state.waitingCount === 0,
      get waitingCount() {
        return state.waitingCount;
      },
    };
    this.probe = createProbe({
      options: {
        stats: { kind: 'unreadable', why: 'refused' },
        counters: state,
        lanes: { takeProbe: () => Promise.resolve(PERMIT) },
      } as unknown as DeletingOptions,
      feed: feed as Feed,
      ended: new AbortController().signal,
      send: (item) => {
        this.probed.push(item.id);
        this.probe.setAside(item);
        return Promise.resolve(false);
      },
      handToWorker: () => {
        const held = state.held.shift();
        if (held === undefined) return undefined;
        this.probed.push(held.id);
        state.held.push(held);
        return Promise.resolve({ isAnswered: false, id: held.id });
      },
    });
  }

  /** How many probes it takes until sending goes on; at most `countMax` are tried. */
  async probesUntilOver(countMax = 100): Promise<number> {
    const outage = createOutage();
    for (let n = 0; n < 20; n++) outage.failure(`image-${n}`);
    let count = 0;
    while (outage.isActive && count < countMax) {
      count++;
      const { isAnswered, id } = await this.probe.once(undefined);
      outage.probed(isAnswered, id);
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
    expect(await bench.probesUntilOver()).toBe(4);
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

  it('takes those that workers hold while they wait for a permit: the last of a list are not nothing', async () => {
    const bench = new Bench(0);
    bench.state.held.push(...Array.from({ length: 12 }, (_, index) => work(index)));
    expect(await bench.probesUntilOver()).toBe(10);
    expect(new Set(bench.probed).size).toBe(10);
  });

  it('gives back what was set aside, and wakes the workers even where nothing was', async () => {
    const bench = new Bench(2);
    await bench.probe.once(undefined);
    expect(bench.state.ready).toHaveLength(1);
    bench.probe.release();
    expect(bench.state.ready).toHaveLength(2);
    const before = bench.state.nudgeCount;
    bench.probe.release();
    expect(bench.state.nudgeCount).toBe(before + 1);
  });
});
