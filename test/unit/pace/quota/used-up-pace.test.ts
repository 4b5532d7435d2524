import { describe, expect, it } from 'vitest';

import type { Rate } from '../../../../src/domain/rate.ts';
import { createUsedUpPace, type UsedUpPace } from '../../../../src/pace/quota/used-up-pace.ts';

const TEN_A_SECOND: Rate = { kind: 'limited', requests: 10, perMs: 1_000 };
const UNLIMITED: Rate = { kind: 'unlimited' };

const limited = (): UsedUpPace => createUsedUpPace(TEN_A_SECOND);

/** A block of a second begins. */
function blocked(pace: UsedUpPace, nowMs: number, recentPerSecond: number): void {
  pace.usedUp(nowMs, nowMs + 1_000, recentPerSecond);
}

/** Its rate after an answer at each of these times. */
function ratesAt(pace: UsedUpPace, timesMs: readonly number[]): number[] {
  return timesMs.map((nowMs) => {
    pace.answered(nowMs);
    return pace.perSecond();
  });
}

/** Lets it climb until it goes over the limit and is throttled; returns how long it held before, and when that was. */
function climbToLimit(pace: UsedUpPace, fromMs: number, limitPerSecond: number): { heldMs: number; atMs: number } {
  const held = pace.perSecond();
  let atMs = fromMs;
  for (; pace.perSecond() <= held; atMs += 100) pace.answered(atMs);
  const heldMs = atMs - fromMs;
  for (; pace.perSecond() <= limitPerSecond; atMs += 100) pace.answered(atMs);
  blocked(pace, atMs, limitPerSecond);
  return { heldMs, atMs };
}

describe('a lane whose quota is used up', () => {
  it('goes on slower by a quarter, and slower again each time, but never stops for good', () => {
    const pace = limited();
    blocked(pace, 0, 0);
    expect(pace.perSecond()).toBe(7.5);
    for (let n = 0; n < 50; n++) blocked(pace, n, 0);
    expect(pace.perSecond()).toBe(0.5);
  });

  it('takes what it sent in its last window for the limit where that was less than a quarter more', () => {
    const pace = limited();
    blocked(pace, 0, 9);
    expect(pace.perSecond()).toBeCloseTo(9 * 0.985);
  });

  it('holds what it learnt for a span, then climbs back to its full rate with answers, and not beyond', () => {
    const pace = limited();
    blocked(pace, 0, 0);
    expect(ratesAt(pace, [1_001, 5_999])).toEqual([7.5, 7.5]);
    const [slow = 0, ...more] = ratesAt(pace, [7_000, 8_000, 12_000, 20_000, 60_000]);
    expect(slow).toBeGreaterThan(7.5);
    expect(slow).toBeLessThan(8);
    expect(more).toEqual(more.toSorted((a, b) => a - b));
    expect(more.at(-1)).toBe(10);
  });

  it('throttled again as it climbs, waits ever longer before it tries once more, and longer each time', () => {
    const pace = limited();
    blocked(pace, 0, 8);
    const holds: number[] = [];
    for (let atMs = 0; holds.length < 4;) {
      const climb = climbToLimit(pace, atMs, 8);
      holds.push(climb.heldMs);
      atMs = climb.atMs;
    }
    expect(holds).toEqual(holds.toSorted((a, b) => a - b));
    expect(holds.at(-1)).toBeGreaterThan(9 * (holds[0] ?? 0));
  });

  it('falls back to what lasted, not below, where a climb has failed', () => {
    const pace = limited();
    blocked(pace, 0, 8);
    const { atMs } = climbToLimit(pace, 0, 8);
    climbToLimit(pace, atMs, 5);
    expect(pace.perSecond()).toBeCloseTo(8 * 0.985);
  });

  it('throttled long after it had climbed, takes that for something new', () => {
    const pace = limited();
    blocked(pace, 0, 8);
    ratesAt(pace, [7_000, 60_000]);
    blocked(pace, 3_600_000, 8);
    expect(ratesAt(pace, [3_606_001, 3_660_000]).at(-1)).toBe(10);
  });
});

describe('what a block teaches', () => {
  const throttledAt = (pace: UsedUpPace, nowMs: number, recentPerSecond: number): number => {
    blocked(pace, nowMs, recentPerSecond);
    return pace.perSecond();
  };
  /** UsedUpPaced at 0 to 7.5 a second, and back at its full rate by 60,000 ms. */
  function climbed(): UsedUpPace {
    const pace = limited();
    throttledAt(pace, 0, 0);
    expect(ratesAt(pace, [7_000, 60_000]).at(-1)).toBe(10);
    return pace;
  }

  it('holds for the rate’s own window where that is long', () => {
    const pace = createUsedUpPace({ kind: 'limited', requests: 10, perMs: 60_000 });
    const slow = throttledAt(pace, 0, 0);
    const [held, climbing = 0] = ratesAt(pace, [60_999, 62_000]);
    expect(held).toBe(slow);
    expect(climbing).toBeGreaterThan(slow);
  });

  it('holds three times as long where the next comes before it climbed', () => {
    const pace = limited();
    throttledAt(pace, 0, 0);
    const slow = throttledAt(pace, 2_000, 0);
    const [held, climbing = 0] = ratesAt(pace, [17_999, 19_000]);
    expect(held).toBe(slow);
    expect(climbing).toBeGreaterThan(slow);
  });

  it('lies just under the rate it was sent at; at a level that was to hold, further under it', () => {
    const pace = limited();
    expect(throttledAt(pace, 0, 1_000)).toBeCloseTo(9.85, 9);
    expect(throttledAt(pace, 2_000, 1_000)).toBeCloseTo(9.85 * 0.9, 9);
  });

  it('while it climbs lies just under the level reached, and not under the one that lasted', () => {
    const pace = limited();
    throttledAt(pace, 0, 0);
    expect(ratesAt(pace, [6_000, 8_000]).at(-1)).toBeCloseTo(8.3, 9);
    expect(throttledAt(pace, 8_000, 1_000)).toBeCloseTo(8.3 * 0.985, 9);
  });

  it('at the level that lasted says that it lasts no more', () => {
    const pace = limited();
    throttledAt(pace, 0, 0);
    ratesAt(pace, [6_000]);
    expect(throttledAt(pace, 6_001, 0)).toBeCloseTo(5.625, 9);
  });

  it('within twelve spans after a climb speaks of the climb, and after that of something new', () => {
    expect(throttledAt(climbed(), 119_999, 1_000)).toBeCloseTo(9.85, 9);
    expect(throttledAt(climbed(), 120_000, 1_000)).toBeCloseTo(9, 9);
  });

  it('is climbed back from in one step after a long rest, but never above the rate that was given', () => {
    const pace = limited();
    throttledAt(pace, 0, 0);
    expect(ratesAt(pace, [3_600_000])).toEqual([10]);
  });
});

describe('an unlimited lane', () => {
  it('has no rate until it is throttled, then three quarters of what it did', () => {
    const pace = createUsedUpPace(UNLIMITED);
    expect(ratesAt(pace, [1, 1_000_000])).toEqual([Infinity, Infinity]);
    blocked(pace, 0, 400);
    expect(pace.perSecond()).toBe(300);
  });

  it('keeps a pace however little it had sent', () => {
    const pace = createUsedUpPace(UNLIMITED);
    blocked(pace, 0, 0);
    expect(pace.perSecond()).toBeGreaterThan(0);
  });

  it('is let go again after climbing to three times what it did, and not before', () => {
    const pace = createUsedUpPace(UNLIMITED);
    blocked(pace, 0, 400);
    const rates = ratesAt(
      pace,
      Array.from({ length: 1_000 }, (_, n) => n * 100),
    );
    expect(rates.at(-1)).toBe(Infinity);
    const fastest = Math.max(...rates.filter((rate) => rate !== Infinity));
    expect(fastest).toBeGreaterThan(1_190);
    expect(fastest).toBeLessThan(1_200);
  });
});
