import { describe, expect, it } from 'vitest';

import type { Lanes } from '../../../src/pace/lanes.ts';
import type { Lane } from '../../../src/pace/types.ts';
import { createOutages, type Outages } from '../../../src/send/outages.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** Lanes whose requests all fail; probes are never answered. */
class Bench {
  readonly clock: VirtualClock = new VirtualClock();
  readonly standstillsMs: number[] = [];
  readonly probed: string[] = [];
  readonly lanes: readonly Lane[];
  readonly outages: Outages;

  constructor(laneCount: number) {
    this.lanes = Array.from({ length: laneCount }, (_, index) => {
      const lane: Partial<Lane> = { name: index + 1, hold: () => undefined, release: () => undefined };
      return lane as Lane;
    });
    const lanes: Partial<Lanes> = { open: this.lanes, hold: () => undefined, release: () => undefined };
    this.outages = createOutages({
      clock: this.clock,
      observer: { event: () => undefined },
      lanes: lanes as Lanes,
      wasReached: true,
      pendingCount: () => Infinity,
      ended: new AbortController().signal,
      probe: (lane) => {
        this.probed.push(`${lane?.name ?? 'any'} at ${this.clock.monotonicMs()}`);
        return Promise.resolve({ isAnswered: false, id: undefined });
      },
      onAnswered: () => undefined,
      onStandstill: (waitMs) => this.standstillsMs.push(waitMs),
      onBegin: () => undefined,
      onOver: () => undefined,
      onError: (error) => {
        throw error;
      },
    });
  }

  fail(lane: Lane | undefined, count: number, retryAfterMs?: number): void {
    if (lane === undefined) throw new Error('there is no such lane');
    const disposition = { kind: 'retry', retryAfterMs } as const;
    for (let n = 0; n < count; n++) this.outages.onFailure(lane, { id: `image-${n}`, isGivenUp: false, message: 'HTTP 503', disposition });
  }
}

describe('outages of lanes', () => {
  it('of all of them wait as long as a failure says, and tell how long nothing is sent', async () => {
    const bench = new Bench(1);
    bench.fail(bench.lanes[0], 19, 30_000);
    bench.fail(bench.lanes[0], 1);
    await bench.clock.advance(32_000);
    expect(bench.probed).toEqual(['any at 30000', 'any at 32000']);
    expect(bench.standstillsMs).toEqual([30_000]);
  });

  it('of one of them wait likewise, while the others go on', async () => {
    const bench = new Bench(2);
    bench.fail(bench.lanes[0], 20, 30_000);
    bench.outages.onAnswered(bench.lanes[1] as Lane);
    await bench.clock.advance(32_000);
    expect(bench.probed).toEqual(['1 at 30000', '1 at 32000']);
    expect(bench.standstillsMs).toEqual([]);
  });

  it('of all of them take over from those of single lanes: one probe at a time', async () => {
    const bench = new Bench(2);
    bench.fail(bench.lanes[0], 20);
    await bench.clock.advance(1_500);
    bench.fail(bench.lanes[1], 20);
    await bench.clock.advance(10_000);
    expect(bench.probed).toEqual(['1 at 1000', 'any at 2500', 'any at 4500', 'any at 8500']);
  });
});
