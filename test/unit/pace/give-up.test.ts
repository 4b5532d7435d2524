import { describe, expect, it } from 'vitest';

import { createGiveUpWatch, type GiveUpWatch, type Standstill } from '../../../src/pace/give-up.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const HOUR_MS = 3_600_000;

function started(): {
  readonly clock: VirtualClock;
  readonly watch: GiveUpWatch;
  readonly givenUp: { readonly atMs: number; readonly standstill: Standstill | undefined }[];
} {
  const clock = new VirtualClock();
  const givenUp: { atMs: number; standstill: Standstill | undefined }[] = [];
  const watch = createGiveUpWatch({
    clock,
    giveUpAfterMs: HOUR_MS,
    onGiveUp: (standstill) => givenUp.push({ atMs: clock.monotonicMs(), standstill }),
  });
  watch.start();
  return { clock, watch, givenUp };
}

describe('giving up', () => {
  it('counts from the start until the first final answer, then from the last one', async () => {
    const { clock, watch, givenUp } = started();
    await clock.advance(HOUR_MS - 1);
    watch.finalAnswer();
    await clock.advance(HOUR_MS - 1);
    expect(givenUp).toEqual([]);
    await clock.advance(1);
    expect(givenUp).toEqual([{ atMs: 2 * HOUR_MS - 1, standstill: undefined }]);
  });

  it('does not count the time for which it is paused', async () => {
    const { clock, watch, givenUp } = started();
    await clock.advance(HOUR_MS - 5);
    watch.pause();
    expect(clock.sleeperCount).toBe(0);
    await clock.advance(10 * HOUR_MS);
    expect([givenUp, clock.sleeperCount]).toEqual([[], 0]);
    watch.start();
    await clock.advance(4);
    expect(givenUp).toEqual([]);
    await clock.advance(1);
    expect(givenUp).toHaveLength(1);
  });

  it('an answer during a pause gives the whole time back, and does not end the pause', async () => {
    const { clock, watch, givenUp } = started();
    await clock.advance(HOUR_MS - 5);
    watch.pause();
    watch.finalAnswer();
    watch.standsStill(2 * HOUR_MS);
    watch.pause();
    await clock.advance(2 * HOUR_MS);
    watch.start();
    await clock.advance(HOUR_MS - 1);
    expect(givenUp).toEqual([]);
    await clock.advance(1);
    expect(givenUp).toHaveLength(1);
  });

  it('comes at once where a pause would end after the deadline, and not where it ends just on it', async () => {
    const { clock, watch, givenUp } = started();
    watch.standsStill(HOUR_MS);
    await clock.advance(1);
    expect(givenUp).toEqual([]);
    watch.standsStill(HOUR_MS);
    expect(givenUp).toEqual([{ atMs: 1, standstill: { waitMs: HOUR_MS, untilWallMs: clock.wallMs() + HOUR_MS } }]);
    watch.finalAnswer();
    watch.standsStill(HOUR_MS);
    expect(givenUp).toHaveLength(1);
  });
});
