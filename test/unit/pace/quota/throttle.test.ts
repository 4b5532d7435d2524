import { describe, expect, it } from 'vitest';

import type { Rate } from '../../../../src/domain/rate.ts';
import { createQuota } from '../../../../src/simulator/quota.ts';
import { seededRandom } from '../../../../src/simulator/random.ts';
import { createThrottle, type Pause, type Throttle } from '../../../../src/pace/quota/throttle.ts';
import * as fc from '../../../support/fast-check.ts';

const TEN_A_SECOND: Rate = { kind: 'limited', requests: 10, perMs: 1_000 };
const UNLIMITED: Rate = { kind: 'unlimited' };

const limited = (random = 0.5): Throttle => createThrottle(TEN_A_SECOND, () => random);

/** A 429 to a request sent under the present pause count, unless said otherwise. */
function throttled(
  throttle: Throttle,
  nowMs: number,
  retryAfterMs: number | undefined,
  { sentUnder = throttle.pauseCount, recentPerSecond = 0, left = undefined as number | undefined } = {},
): Pause {
  return throttle.throttled(nowMs, { retryAfterMs, sentUnder, recentPerSecond, left });
}

/** How long it waits when it is throttled so often, each time just after the pause before has ended. */
function waits(throttle: Throttle, count: number, fromMs = 0): number[] {
  let nowMs = fromMs;
  return Array.from({ length: count }, () => {
    const { waitMs } = throttled(throttle, nowMs, undefined);
    nowMs += waitMs;
    return waitMs;
  });
}

describe('a throttled lane', () => {
  it('stands still for Retry-After and not a millisecond longer', () => {
    const throttle = limited();
    expect(throttled(throttle, 1_000, 7_000)).toEqual({ isNews: true, waitMs: 7_000 });
    expect(throttle.pausedForMs(1_000)).toBe(7_000);
    expect(throttle.pausedForMs(7_999)).toBe(1);
    expect(throttle.pausedForMs(8_000)).toBe(0);
  });

  it('counts a storm of 429s to requests sent before the pause as one', () => {
    const throttle = limited();
    const sentUnder = throttle.pauseCount;
    throttled(throttle, 0, 15_000, { sentUnder });
    for (let n = 1; n <= 63; n++) expect(throttled(throttle, n, 15_000, { sentUnder }).isNews).toBe(false);
    expect(throttle.pauseCount).toBe(sentUnder + 1);
    expect(throttle.ratePerSecond()).toBe(7.5);
    expect(throttle.pausedForMs(63)).toBe(15_000);
  });

  it('prolongs its pause where a later 429 of the same storm asks for more, and tells of it once', () => {
    const throttle = limited();
    throttled(throttle, 0, 1_000, { sentUnder: 0 });
    expect(throttled(throttle, 10, 60_000, { sentUnder: 0 })).toEqual({ isNews: true, waitMs: 60_000 });
    expect(throttled(throttle, 11, 60_000, { sentUnder: 0 }).isNews).toBe(false);
    expect(throttled(throttle, 12, 2_000, { sentUnder: 0 })).toEqual({ isNews: false, waitMs: 59_999 });
  });

  it('waits a little even for Retry-After: 0', () => {
    expect(throttled(limited(), 0, 0).waitMs).toBe(250);
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
    expect(waits(throttle, 1, 600_000)).toEqual([2_000]);
  });
});

describe('whatever happens', () => {
  const event = fc.oneof(
    fc.record({
      kind: fc.constant('throttled' as const),
      retryAfterMs: fc.option(fc.nat({ max: 86_400_000 }), { nil: undefined }),
      isLate: fc.boolean(),
      recent: fc.nat({ max: 5_000 }),
      left: fc.constantFrom(undefined, 0, 5),
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
              const { waitMs } = throttled(throttle, nowMs, step.retryAfterMs, {
                sentUnder,
                recentPerSecond: step.recent,
                left: step.left,
              });
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

/** A server that answers each request in turn, and a lane at its pace. */
function play(throttle: Throttle, requests: number, isThrottled: (nowMs: number, index: number) => number | undefined): number {
  let nowMs = 0;
  for (let index = 0; index < requests; index++) {
    nowMs += throttle.pausedForMs(nowMs) + 1_000 / throttle.ratePerSecond();
    const retryAfterMs = isThrottled(nowMs, index);
    if (retryAfterMs === undefined) throttle.answered(throttle.pauseCount, nowMs);
    else throttled(throttle, nowMs, retryAfterMs);
  }
  return nowMs;
}

const TWO_HUNDRED: Rate = { kind: 'limited', requests: 200, perMs: 1_000 };

describe('short waits', () => {
  it.each([0.001, 0.003, 0.01, 0.05])('that come to %d of all requests whatever the speed do not slow the lane down', (share) => {
    const throttle = createThrottle(TWO_HUNDRED, () => 0.5);
    const random = seededRandom(7);
    let pauses = 0;
    const elapsedMs = play(throttle, 20_000, () => (random() < share ? (pauses++, 1_000) : undefined));
    expect(elapsedMs - pauses * 1_000).toBeLessThan(100_000 / 0.9);
    expect(throttle.cause(elapsedMs)).toBe('random');
    expect(throttle.cause(elapsedMs + 3_600_000)).toBe('none');
  });

  it('that come after a fixed number of requests, whatever the speed, are found out by going slower', () => {
    const throttle = createThrottle(TWO_HUNDRED, () => 0.5);
    let pauses = 0;
    const elapsedMs = play(throttle, 20_000, (_, index) => (index % 333 === 332 ? (pauses++, 1_000) : undefined));
    expect(elapsedMs - pauses * 1_000).toBeLessThan(100_000 / 0.9);
  });

  it('that a server asks for after as many requests each time slow the lane to what it allows', () => {
    const throttle = createThrottle(TWO_HUNDRED, () => 0.5);
    const quota = createQuota({ kind: 'sliding', requests: 150, windowMs: 1_000, blockMs: 0, burst: 150 });
    const elapsedMs = play(throttle, 100_000, (nowMs) => {
      const waitMs = quota.take(nowMs);
      return waitMs === 0 ? undefined : Math.ceil(waitMs / 1_000) * 1_000;
    });
    expect(throttle.cause(elapsedMs)).toBe('speed');
    expect(throttle.ratePerSecond()).toBeGreaterThan(140);
    expect(throttle.ratePerSecond()).toBeLessThan(153);
  });

  // Of 4,000 requests: the search for the pace costs some pauses, and looks above it some more.
  it.each([1, 2, 3, 5, 8].flatMap((requests) => (['fixed', 'sliding', 'bucket'] as const).map((kind) => ({ requests, kind }))))(
    'of a quota of $requests a second ($kind) slow the lane down as those of a large one do',
    ({ requests, kind }) => {
      const throttle = createThrottle(TWO_HUNDRED, () => 0.5);
      const quota = createQuota({ kind, requests, windowMs: 1_000, blockMs: 0, burst: requests });
      let pauses = 0;
      const elapsedMs = play(throttle, 4_000, (nowMs) => {
        const waitMs = quota.take(nowMs);
        if (waitMs === 0) return undefined;
        pauses++;
        return Math.ceil(waitMs / 1_000) * 1_000;
      });
      expect(pauses).toBeLessThan(200);
      expect(((4_000 - pauses) * 1_000) / elapsedMs).toBeGreaterThan(requests * 0.8);
    },
  );

  it.each([0.05, 0.1])('at %d of all requests, whatever the speed, seldom look like those of a small quota', (share) => {
    const kept = Array.from({ length: 40 }, (_, index) => {
      const throttle = createThrottle(TWO_HUNDRED, () => 0.5);
      const random = seededRandom(index + 1);
      let pauses = 0;
      const elapsedMs = play(throttle, 20_000, () => (random() < share ? (pauses++, 1_000) : undefined));
      return ((20_000 - pauses) * 1_000) / 200 / (elapsedMs - pauses * 1_000);
    });
    expect(kept.filter((each) => each < 0.8).length).toBeLessThan(4);
    expect(Math.min(...kept)).toBeGreaterThan(0.3);
  });

  it('are told once in five minutes where they come at random', () => {
    const throttle = createThrottle(TWO_HUNDRED, () => 0.5);
    const told: number[] = [];
    let nowMs = 0;
    for (let n = 0; n < 600; n++) {
      for (let passed = 0; passed < 1 + (n % 7) * (n % 5); passed++) throttle.answered(throttle.pauseCount, nowMs);
      nowMs += 1_500;
      if (throttled(throttle, nowMs, 1_000).isNews) told.push(nowMs);
    }
    expect(throttle.cause(nowMs)).toBe('random');
    expect(told.length).toBeLessThan(8);
  });

  it('grow where nothing is let through between them', () => {
    const throttle = createThrottle(TWO_HUNDRED, () => 1);
    throttle.answered(0, 0);
    const waited: number[] = [];
    for (let nowMs = 1_000, n = 0; n < 7; n++) {
      const { waitMs } = throttled(throttle, nowMs, 1_000);
      waited.push(waitMs);
      nowMs += waitMs;
    }
    expect(waited).toEqual([1_000, 1_000, 1_000, 1_000, 2_000, 4_000, 8_000]);
  });

  it('do not slow the lane down where the API says that something is left, and do where nothing is', () => {
    const throttle = createThrottle(TWO_HUNDRED, () => 0.5);
    throttled(throttle, 1_000, 60_000, { left: 5, recentPerSecond: 100 });
    expect(throttle.ratePerSecond()).toBe(200);
    throttled(throttle, 100_000, 1_000, { left: 0, recentPerSecond: 100 });
    expect(throttle.ratePerSecond()).toBe(150);
  });
});
