import { describe, expect, it } from 'vitest';

import type { RatelimitView } from '../../../../src/pace/quota/ratelimit-headers.ts';
import { createToldQuota, type ToldQuota } from '../../../../src/pace/quota/told-quota.ts';
import { createQuota } from '../../../../src/simulator/quota.ts';
import * as fc from '../../../support/fast-check.ts';

const WINDOW_MS = 1_000;
/** A request is believed to arrive so much later than it left, at most. */
const LATE_MS = 20;

const view = (left: number, quota = 100): RatelimitView => ({ name: 'default', quota, windowMs: WINDOW_MS, left });

/** The first answer, at time 0, to the first request. */
function toldFirst(left: number, options: { quota?: number; reserveShare?: number } = {}): ToldQuota {
  const first = view(left, options.quota);
  const quota = createToldQuota(first, 1, options.reserveShare ?? 0, 0);
  quota.report(first, 1, 0, 0);
  return quota;
}

/** Sends for as long as it may, with no answer to any of it. */
function sendAll(quota: ToldQuota, nowMs: number): number {
  let count = 0;
  for (; quota.nextAtMs(nowMs) <= nowMs && count < 10_000; count++) quota.sent(nowMs);
  return count;
}

/** A quota of 20 of which a sliding window has given back ten, one each 100 ms, by 2,000 ms; 10 are left. */
function bitByBit(reserveShare = 0, of = 20): ToldQuota {
  const quota = createToldQuota(view(of - 1, of), 1, reserveShare, 0);
  for (let n = 1; n <= 20; n++) {
    quota.sent(n * 100);
    quota.report(view(of - Math.min(n + 1, 10), of), n + 1, 0, n * 100);
  }
  return quota;
}

describe('what is left', () => {
  it.each([
    [0, 99],
    [0.001, 98],
    [0.1, 89],
    [0.105, 88],
    [0.999, 1],
  ])('less a reserve of %d of 100, and one to look with, may be sent: %i requests', (reserveShare, count) => {
    expect(sendAll(toldFirst(100, { reserveShare }), 0)).toBe(count);
  });

  it('is less by what is on its way and was not yet counted', () => {
    const quota = createToldQuota(view(50), 3, 0, 0);
    quota.report(view(50), 3, 20, 0);
    expect(sendAll(quota, 0)).toBe(29);
  });

  it('is never more because of an answer that was overtaken by another', () => {
    const quota = toldFirst(100);
    quota.report(view(10), 5, 0, 10);
    quota.report(view(60), 3, 0, 20);
    expect(sendAll(quota, 30)).toBe(9);
    quota.report(view(40), 6, 0, 40);
    expect(sendAll(quota, 50)).toBe(39);
  });

  it('is less because of an overtaken answer that knows of less', () => {
    const quota = toldFirst(100);
    quota.report(view(50), 5, 0, 10);
    quota.report(view(4), 3, 0, 20);
    expect(sendAll(quota, 30)).toBe(3);
  });

  it('and is the reserve or less bars the way until the window is sure to have ended; then one request looks', () => {
    const quota = toldFirst(10, { reserveShare: 0.1 });
    expect(quota.nextAtMs(0)).toBe(1_000);
    expect(quota.nextAtMs(999)).toBe(1_000);
    expect(sendAll(quota, 1_000)).toBe(1);
    expect(quota.nextAtMs(1_000)).toBe(2_000);
    quota.report(view(99), 2, 0, 1_010);
    expect(sendAll(quota, 1_010)).toBe(88);
  });

  it('opens the way no sooner where the one that looked is never answered', () => {
    const quota = toldFirst(0);
    expect([1_000, 1_500, 2_000, 2_999, 3_000].map((nowMs) => sendAll(quota, nowMs))).toEqual([1, 0, 1, 0, 1]);
  });
});

describe('a window whose end was awaited in vain', () => {
  it('is looked at again when some of our own would be back if it slid, out of what is kept for that', () => {
    const quota = createToldQuota(view(399, 400), 1, 0.1, 0);
    for (let n = 0; n < 10; n++) quota.sent(n * 4);
    quota.report(view(44, 400), 11, 0, 40);
    expect(sendAll(quota, 50)).toBe(1);
    expect(quota.nextAtMs(50)).toBe(1_000);
    expect(sendAll(quota, 1_000)).toBe(1);
    quota.report(view(42, 400), 12, 0, 1_000);
    expect(quota.nextAtMs(1_000)).toBe(1_044);
    expect(sendAll(quota, 1_044)).toBe(1);
    quota.report(view(48, 400), 13, 0, 1_050);
    expect(sendAll(quota, 1_050)).toBe(5);
  });

  it('is not looked at out of the reserve', () => {
    const quota = createToldQuota(view(399, 400), 1, 0.1, 0);
    for (let n = 0; n < 10; n++) quota.sent(n * 4);
    quota.report(view(40, 400), 11, 0, 40);
    expect(sendAll(quota, 1_000)).toBe(1);
    expect(quota.nextAtMs(1_000)).toBe(2_000);
  });
});

describe('in a fixed window', () => {
  it('what is left is spread over the time to its end', () => {
    const quota = toldFirst(50);
    expect(quota.ratePerSecond(0)).toBe(49);
    expect(quota.ratePerSecond(500)).toBe(98);
  });

  it('the pace is never above the quota’s own, less the reserve', () => {
    const quota = toldFirst(100, { reserveShare: 0.25 });
    expect(quota.ratePerSecond(0)).toBe(74);
    expect(quota.ratePerSecond(900)).toBe(74);
    expect(quota.ratePerSecond(5_000)).toBe(74);
  });

  it('the reserve is not spread', () => {
    expect(toldFirst(50, { reserveShare: 0.25 }).ratePerSecond(0)).toBe(24);
  });

  it('the pace never comes to a stop: what is left bars the way by itself', () => {
    expect(toldFirst(0).ratePerSecond(0)).toBeCloseTo(4.95, 6);
  });

  it('seen to have begun, its end is a window later', () => {
    const quota = toldFirst(90);
    quota.sent(300);
    quota.report(view(99), 2, 0, 300);
    quota.report(view(0), 3, 0, 310);
    expect(quota.nextAtMs(310)).toBe(1_300);
  });

  it('is not mistaken for one that comes back bit by bit, however often it has ended', () => {
    const quota = toldFirst(90);
    for (let n = 1; n <= 10; n++) {
      quota.report(view(99), n * 2, 0, n * WINDOW_MS);
      quota.report(view(50), n * 2 + 1, 0, n * WINDOW_MS + 500);
    }
    quota.report(view(0), 22, 0, 10_600);
    expect(quota.nextAtMs(10_600)).toBe(11_000);
  });

  it.each([
    ['of a hundred and more never touch the reserve: a few places are kept to look with', 100, 300, 0],
    ['of less touch it with one that looks, and never use it up', 2, 99, 1],
  ])('requests one after another, at any pace, %s', (_, requestsMin, requestsMax, touchedMax) => {
    const step = fc.record({
      restMs: fc.oneof(fc.constant(0), fc.nat({ max: 60 }), fc.nat({ max: 1_500 })),
      thereMs: fc.nat({ max: 40 }),
      backMs: fc.nat({ max: 40 }),
      count: fc.constantFrom(0, 1, 1, 2, 12, 300),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: requestsMin, max: requestsMax }),
        fc.double({ min: 0.01, max: 0.9, noNaN: true }),
        fc.array(step, { minLength: 4, maxLength: 60 }),
        (requests, reserveShare, steps) => {
          const server = createQuota({ kind: 'fixed', requests, windowMs: WINDOW_MS, blockMs: 0, burst: requests });
          const reserve = Math.min(Math.ceil(requests * reserveShare), requests - 1);
          server.take(0);
          const quota = createToldQuota(view(server.left, requests), 1, reserveShare, 0);
          let nowMs = 0;
          let ordinal = 1;
          for (const { restMs, thereMs, backMs, count } of steps) {
            nowMs += restMs;
            for (let n = 0; n < count && quota.nextAtMs(nowMs) <= nowMs; n++) {
              quota.sent(nowMs);
              // The first of several may be slow, those that follow it are not.
              if (n === 0) nowMs += thereMs;
              expect(server.take(nowMs)).toBe(0);
              expect(server.left).toBeGreaterThanOrEqual(reserve - touchedMax);
              if (n === 0) nowMs += backMs;
              quota.report(view(server.left, requests), ++ordinal, 0, nowMs);
            }
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('where the quota comes back bit by bit', () => {
  it('each request of ours gives back its place a window after it arrived', () => {
    const quota = bitByBit();
    expect(sendAll(quota, 2_000)).toBe(10);
    expect(quota.nextAtMs(2_000)).toBe(2_000 + LATE_MS);
    expect(sendAll(quota, 2_000 + LATE_MS)).toBe(1);
    expect(quota.nextAtMs(2_000 + LATE_MS)).toBe(2_100 + LATE_MS);
  });

  it('nothing is spread: the pace is the quota’s own, less the reserve', () => {
    expect(bitByBit().ratePerSecond(2_000)).toBe(20);
    expect(bitByBit(0.5).ratePerSecond(2_000)).toBe(10);
  });

  it('one request looks after each fifth of the window without news, for others may have given back', () => {
    const quota = bitByBit(0, 100);
    // None of ours lies in the window any more: all of it others use, but for the one that is there to look with.
    quota.report(view(1, 100), 31, 0, 3_500);
    expect(quota.nextAtMs(3_500)).toBe(3_700);
    expect(sendAll(quota, 3_700)).toBe(1);
    expect(quota.nextAtMs(3_700)).toBe(4_700);
  });

  it('nothing looks into the reserve before a whole window without news has passed', () => {
    const quota = bitByBit();
    quota.report(view(0, 20), 31, 0, 3_500);
    expect(quota.nextAtMs(3_500)).toBe(4_500);
  });

  it('and three requests in a row find less than the reserve, it is taken for a fixed window again', () => {
    const quota = bitByBit(0.5);
    expect(quota.nextAtMs(2_000)).toBe(2_020);
    for (let n = 0; n < 2; n++) quota.report(view(9 - n, 20), 22 + n, 0, 2_010);
    expect(quota.nextAtMs(2_010)).toBe(2_020);
    quota.report(view(7, 20), 24, 0, 2_010);
    expect(quota.nextAtMs(2_010)).toBe(3_010);
  });

  it('without a reserve too, one that finds nothing three times was a fixed window', () => {
    const quota = bitByBit();
    for (let n = 0; n < 3; n++) quota.report(view(0, 20), 22 + n, 0, 2_010);
    expect(quota.nextAtMs(2_010)).toBe(3_010);
  });
});

describe('what others use', () => {
  it('leaves less for us, and less of that the longer nothing more of it is seen', () => {
    const alone = toldFirst(90);
    const crowded = toldFirst(90);
    for (const quota of [alone, crowded]) quota.sent(10);
    alone.report(view(89), 2, 0, 10);
    crowded.report(view(59), 2, 0, 10);
    expect(alone.ratePerSecond(10)).toBeCloseTo(88 / 0.99, 6);
    expect(crowded.ratePerSecond(10)).toBeLessThan(58 / 0.99);
    expect(crowded.ratePerSecond(10)).toBeCloseTo((58 - 30 * 0.99) / 0.99, 6);
    // A fifth of a window later, with the same left, the same others are expected to use less.
    expect(crowded.ratePerSecond(210)).toBeCloseTo((58 - 30 * Math.exp(-0.2) * 0.79) / 0.79, 6);
  });

  it('is not seen in requests of ours that the answer had not counted', () => {
    const quota = toldFirst(90);
    // Six sent, five of them perhaps not counted, and 5 more gone than were answered: nobody else is needed for that.
    for (let n = 0; n < 6; n++) quota.sent(10);
    quota.report(view(84), 2, 5, 10);
    expect(quota.ratePerSecond(10)).toBeCloseTo(78 / 0.99, 6);
  });
});
