import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Rate } from '../../src/domain/rate.ts';
import { createThrottle, type Throttle } from '../../src/pace/throttle.ts';

const TEN_A_SECOND: Rate = { kind: 'limited', requests: 10, perMs: 1_000 };
const UNLIMITED: Rate = { kind: 'unlimited' };

const limited = (random = 0.5): Throttle => createThrottle(TEN_A_SECOND, () => random);

function answer(throttle: Throttle, count: number): void {
  for (let n = 0; n < count; n++) throttle.answered(throttle.pauseCount);
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

  it('climbs back to its full rate with answers, and not beyond', () => {
    const throttle = limited();
    throttle.throttled(0, 1_000, 0, 0);
    const rates = Array.from({ length: 200 }, () => {
      answer(throttle, 1);
      return throttle.ratePerSecond();
    });
    expect(rates).toEqual(rates.toSorted((a, b) => a - b));
    expect(rates[0]).toBeGreaterThan(7.5);
    expect(rates[0]).toBeLessThan(7.6);
    expect(rates.at(-1)).toBe(10);
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
    answer(throttle, 1);
    expect(waits(throttle, 1, 600_000)).toEqual([1_000]);
  });

  it('does not take answers to requests sent before the pause for its end', () => {
    const throttle = limited(1);
    waits(throttle, 1);
    throttle.answered(0);
    expect(throttle.ratePerSecond()).toBe(7.5);
    expect(waits(throttle, 1, 600_000)).toEqual([2_000]);
  });
});

describe('an unlimited lane', () => {
  it('has no rate until it is throttled, then three quarters of what it did', () => {
    const throttle = createThrottle(UNLIMITED, () => 0.5);
    answer(throttle, 1_000);
    expect(throttle.ratePerSecond()).toBe(Infinity);
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
    let fastest = 0;
    for (let n = 0; throttle.ratePerSecond() !== Infinity && n < 1_000_000; n++) {
      fastest = throttle.ratePerSecond();
      answer(throttle, 1);
    }
    expect(throttle.ratePerSecond()).toBe(Infinity);
    expect(fastest).toBeGreaterThan(1_190);
    expect(fastest).toBeLessThan(1_200);
  });
});

describe('whatever happens', () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant('throttled' as const), retryAfterMs: fc.option(fc.nat({ max: 86_400_000 }), { nil: undefined }), isLate: fc.boolean(), recent: fc.nat({ max: 5_000 }) }),
    fc.record({ kind: fc.constant('answered' as const), count: fc.nat({ max: 300 }) }),
    fc.record({ kind: fc.constant('time' as const), ms: fc.nat({ max: 400_000 }) }),
  );

  it('the rate stays above zero and at most what was given, and a pause is never cut short', () => {
    fc.assert(
      fc.property(fc.constantFrom(TEN_A_SECOND, UNLIMITED), fc.array(event, { maxLength: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (rate, events, random) => {
        const throttle = createThrottle(rate, () => random);
        let nowMs = 0;
        for (const step of events) {
          const pausedUntilMs = nowMs + throttle.pausedForMs(nowMs);
          if (step.kind === 'time') nowMs += step.ms;
          else if (step.kind === 'answered') answer(throttle, step.count);
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
      }),
    );
  });
});
