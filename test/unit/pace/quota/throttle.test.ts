import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Rate } from '../../../../src/domain/rate.ts';
import { createThrottle, type Throttle } from '../../../../src/pace/quota/throttle.ts';

const TEN_A_SECOND: Rate = { kind: 'limited', requests: 10, perMs: 1_000 };
const UNLIMITED: Rate = { kind: 'unlimited' };

const limited = (random = 0.5): Throttle => createThrottle(TEN_A_SECOND, () => random);

/** Its rate after an answer at each of these times. */
function ratesAt(throttle: Throttle, timesMs: readonly number[]): number[] {
  return timesMs.map((nowMs) => {
    throttle.answered(throttle.pauseCount, nowMs);
    return throttle.ratePerSecond();
  });
}

/** Lets it climb until it goes over the limit and is throttled; returns how long it held before, and when that was. */
function climbToLimit(throttle: Throttle, fromMs: number, limitPerSecond: number): { heldMs: number; atMs: number } {
  const held = throttle.ratePerSecond();
  let atMs = fromMs;
  for (; throttle.ratePerSecond() <= held; atMs += 100) throttle.answered(throttle.pauseCount, atMs);
  const heldMs = atMs - fromMs;
  for (; throttle.ratePerSecond() <= limitPerSecond; atMs += 100) throttle.answered(throttle.pauseCount, atMs);
  throttle.throttled(atMs, 1_000, throttle.pauseCount, limitPerSecond);
  return { heldMs, atMs };
}

/** How long it waits when it is throttled so often, each time just after the pause before has ended. */
function waits(throttle: Throttle, count: number, fromMs = 0): number[] {
  let nowMs = fromMs;
  return Array.from({ length: count }, () => {
    const { waitMs } = throttle.throttled(nowMs, undefined, throttle.pauseCount, 0);
    nowMs += waitMs;
    return waitMs;
  });
}

describe('a throttled lane', () => {
  it('stands still for Retry-After and not a millisecond longer', () => {
    const throttle = limited();
    expect(throttle.throttled(1_000, 7_000, throttle.pauseCount, 0)).toEqual({ isNews: true, waitMs: 7_000 });
    expect(throttle.pausedForMs(1_000)).toBe(7_000);
    expect(throttle.pausedForMs(7_999)).toBe(1);
    expect(throttle.pausedForMs(8_000)).toBe(0);
  });

  it('goes on slower by a quarter, and slower again each time, but never stops for good', () => {
    const throttle = limited();
    throttle.throttled(0, 1_000, throttle.pauseCount, 0);
    expect(throttle.ratePerSecond()).toBe(7.5);
    for (let n = 0; n < 50; n++) throttle.throttled(n, 1_000, throttle.pauseCount, 0);
    expect(throttle.ratePerSecond()).toBe(0.5);
  });

  it('counts a storm of 429s to requests sent before the pause as one', () => {
    const throttle = limited();
    const sentUnder = throttle.pauseCount;
    throttle.throttled(0, 5_000, sentUnder, 0);
    for (let n = 1; n <= 63; n++) expect(throttle.throttled(n, 5_000, sentUnder, 0).isNews).toBe(false);
    expect(throttle.pauseCount).toBe(sentUnder + 1);
    expect(throttle.ratePerSecond()).toBe(7.5);
    expect(throttle.pausedForMs(63)).toBe(5_000);
  });

  it('prolongs its pause where a later 429 of the same storm asks for more, and tells of it once', () => {
    const throttle = limited();
    throttle.throttled(0, 1_000, 0, 0);
    expect(throttle.throttled(10, 60_000, 0, 0)).toEqual({ isNews: true, waitMs: 60_000 });
    expect(throttle.throttled(11, 60_000, 0, 0).isNews).toBe(false);
    expect(throttle.throttled(12, 2_000, 0, 0)).toEqual({ isNews: false, waitMs: 59_999 });
  });

  it('waits a little even for Retry-After: 0', () => {
    expect(limited().throttled(0, 0, 0, 0).waitMs).toBe(250);
  });

  it('takes what it sent in its last window for the limit where that was less than a quarter more', () => {
    const throttle = limited();
    throttle.throttled(0, 1_000, throttle.pauseCount, 9);
    expect(throttle.ratePerSecond()).toBeCloseTo(9 * 0.985);
  });

  it('holds what it learnt for a span, then climbs back to its full rate with answers, and not beyond', () => {
    const throttle = limited();
    throttle.throttled(0, 1_000, throttle.pauseCount, 0);
    expect(ratesAt(throttle, [1_001, 5_999])).toEqual([7.5, 7.5]);
    const [slow = 0, ...more] = ratesAt(throttle, [7_000, 8_000, 12_000, 20_000, 60_000]);
    expect(slow).toBeGreaterThan(7.5);
    expect(slow).toBeLessThan(8);
    expect(more).toEqual(more.toSorted((a, b) => a - b));
    expect(more.at(-1)).toBe(10);
  });

  it('throttled again as it climbs, waits ever longer before it tries once more, and longer each time', () => {
    const throttle = limited();
    throttle.throttled(0, 1_000, throttle.pauseCount, 8);
    const holds: number[] = [];
    for (let atMs = 0; holds.length < 4;) {
      const climb = climbToLimit(throttle, atMs, 8);
      holds.push(climb.heldMs);
      atMs = climb.atMs;
    }
    expect(holds).toEqual(holds.toSorted((a, b) => a - b));
    expect(holds.at(-1)).toBeGreaterThan(9 * (holds[0] ?? 0));
  });

  it('falls back to what lasted, not below, where a climb has failed', () => {
    const throttle = limited();
    throttle.throttled(0, 1_000, throttle.pauseCount, 8);
    const { atMs } = climbToLimit(throttle, 0, 8);
    climbToLimit(throttle, atMs, 5);
    expect(throttle.ratePerSecond()).toBeCloseTo(8 * 0.985);
  });

  it('throttled long after it had climbed, takes that for something new', () => {
    const throttle = limited();
    throttle.throttled(0, 1_000, throttle.pauseCount, 8);
    ratesAt(throttle, [7_000, 60_000]);
    throttle.throttled(3_600_000, 1_000, throttle.pauseCount, 8);
    expect(ratesAt(throttle, [3_606_001, 3_660_000]).at(-1)).toBe(10);
  });
});

describe('what a 429 teaches', () => {
  const throttledAt = (throttle: Throttle, nowMs: number, recentPerSecond: number): number => {
    throttle.throttled(nowMs, 1_000, throttle.pauseCount, recentPerSecond);
    return throttle.ratePerSecond();
  };
  /** Throttled at 0 to 7.5 a second, and back at its full rate by 60,000 ms. */
  function climbed(): Throttle {
    const throttle = limited();
    throttledAt(throttle, 0, 0);
    expect(ratesAt(throttle, [7_000, 60_000]).at(-1)).toBe(10);
    return throttle;
  }

  it('holds for the rate’s own window where that is long', () => {
    const throttle = createThrottle({ kind: 'limited', requests: 10, perMs: 60_000 }, () => 0.5);
    const slow = throttledAt(throttle, 0, 0);
    const [held, climbing = 0] = ratesAt(throttle, [60_999, 62_000]);
    expect(held).toBe(slow);
    expect(climbing).toBeGreaterThan(slow);
  });

  it('holds three times as long where the next comes before it climbed', () => {
    const throttle = limited();
    throttledAt(throttle, 0, 0);
    const slow = throttledAt(throttle, 2_000, 0);
    const [held, climbing = 0] = ratesAt(throttle, [17_999, 19_000]);
    expect(held).toBe(slow);
    expect(climbing).toBeGreaterThan(slow);
  });

  it('lies just under the rate it was sent at; at a level that was to hold, further under it', () => {
    const throttle = limited();
    expect(throttledAt(throttle, 0, 1_000)).toBeCloseTo(9.85, 9);
    expect(throttledAt(throttle, 2_000, 1_000)).toBeCloseTo(9.85 * 0.9, 9);
  });

  it('while it climbs lies just under the level reached, and not under the one that lasted', () => {
    const throttle = limited();
    throttledAt(throttle, 0, 0);
    expect(ratesAt(throttle, [6_000, 8_000]).at(-1)).toBeCloseTo(8.3, 9);
    expect(throttledAt(throttle, 8_000, 1_000)).toBeCloseTo(8.3 * 0.985, 9);
  });

  it('at the level that lasted says that it lasts no more', () => {
    const throttle = limited();
    throttledAt(throttle, 0, 0);
    ratesAt(throttle, [6_000]);
    expect(throttledAt(throttle, 6_001, 0)).toBeCloseTo(5.625, 9);
  });

  it('within twelve spans after a climb speaks of the climb, and after that of something new', () => {
    expect(throttledAt(climbed(), 119_999, 1_000)).toBeCloseTo(9.85, 9);
    expect(throttledAt(climbed(), 120_000, 1_000)).toBeCloseTo(9, 9);
  });

  it('is climbed back from in one step after a long rest, but never above the rate that was given', () => {
    const throttle = limited();
    throttledAt(throttle, 0, 0);
    expect(ratesAt(throttle, [3_600_000])).toEqual([10]);
  });

  it('is no news where it prolongs a pause by a second, and is where by more', () => {
    for (const [retryAfterMs, isNews] of [
      [1_990, false],
      [1_991, true],
    ] as const) {
      const throttle = limited();
      throttledAt(throttle, 0, 0);
      expect(throttle.throttled(10, retryAfterMs, 0, 0).isNews).toBe(isNews);
    }
  });
});

describe('without a Retry-After', () => {
  it('backs off longer each time, up to the length of the API’s own block', () => {
    expect(waits(limited(1), 11)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000]);
    expect(waits(limited(0), 3)).toEqual([500, 1_000, 2_000]);
  });

  it('begins again at the first step once a request sent after the pause was answered', () => {
    const throttle = limited(1);
    waits(throttle, 5);
    throttle.answered(throttle.pauseCount, 100_000);
    expect(waits(throttle, 1, 600_000)).toEqual([1_000]);
  });

  it('does not take answers to requests sent before the pause for its end', () => {
    const throttle = limited(1);
    waits(throttle, 1);
    throttle.answered(0, 100_000);
    expect(throttle.ratePerSecond()).toBe(7.5);
    expect(waits(throttle, 1, 600_000)).toEqual([2_000]);
  });
});

describe('an unlimited lane', () => {
  it('has no rate until it is throttled, then three quarters of what it did', () => {
    const throttle = createThrottle(UNLIMITED, () => 0.5);
    expect(ratesAt(throttle, [1, 1_000_000])).toEqual([Infinity, Infinity]);
    throttle.throttled(0, 1_000, throttle.pauseCount, 400);
    expect(throttle.ratePerSecond()).toBe(300);
  });

  it('keeps a pace however little it had sent', () => {
    const throttle = createThrottle(UNLIMITED, () => 0.5);
    throttle.throttled(0, 1_000, throttle.pauseCount, 0);
    expect(throttle.ratePerSecond()).toBeGreaterThan(0);
  });

  it('is let go again after climbing to three times what it did, and not before', () => {
    const throttle = createThrottle(UNLIMITED, () => 0.5);
    throttle.throttled(0, 1_000, throttle.pauseCount, 400);
    const rates = ratesAt(
      throttle,
      Array.from({ length: 1_000 }, (_, n) => n * 100),
    );
    expect(rates.at(-1)).toBe(Infinity);
    const fastest = Math.max(...rates.filter((rate) => rate !== Infinity));
    expect(fastest).toBeGreaterThan(1_190);
    expect(fastest).toBeLessThan(1_200);
  });
});

describe('whatever happens', () => {
  const event = fc.oneof(
    fc.record({
      kind: fc.constant('throttled' as const),
      retryAfterMs: fc.option(fc.nat({ max: 86_400_000 }), { nil: undefined }),
      isLate: fc.boolean(),
      recent: fc.nat({ max: 5_000 }),
    }),
    fc.record({ kind: fc.constant('answered' as const) }),
    fc.record({ kind: fc.constant('time' as const), ms: fc.nat({ max: 400_000 }) }),
  );

  it('the rate stays above zero and at most what was given, and a pause is never cut short', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(TEN_A_SECOND, UNLIMITED),
        fc.array(event, { maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rate, events, random) => {
          const throttle = createThrottle(rate, () => random);
          let nowMs = 0;
          for (const step of events) {
            const pausedUntilMs = nowMs + throttle.pausedForMs(nowMs);
            if (step.kind === 'time') nowMs += step.ms;
            else if (step.kind === 'answered') throttle.answered(throttle.pauseCount, nowMs);
            else {
              const sentUnder = step.isLate ? Math.max(throttle.pauseCount - 1, 0) : throttle.pauseCount;
              const { waitMs } = throttle.throttled(nowMs, step.retryAfterMs, sentUnder, step.recent);
              expect(waitMs).toBeGreaterThanOrEqual(step.retryAfterMs ?? 0);
              expect(throttle.pausedForMs(nowMs)).toBe(waitMs);
            }
            expect(nowMs + throttle.pausedForMs(nowMs)).toBeGreaterThanOrEqual(pausedUntilMs);
            expect(throttle.ratePerSecond()).toBeGreaterThan(0);
            if (rate.kind === 'limited') expect(throttle.ratePerSecond()).toBeLessThanOrEqual(10);
          }
        },
      ),
    );
  });
});
