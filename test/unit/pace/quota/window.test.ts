import { describe, expect, it } from 'vitest';

import { createWindow } from '../../../../src/pace/quota/window.ts';
import * as fc from '../../../support/fast-check.ts';

/** The window believes that a request may arrive so much of it later than it left. */
const LATE_SHARE = 0.02;
/** Lateness that is the rule makes it believe less; at or under this share it never does. */
const USUAL_LATE_SHARE = 0.003;
const EDGE_MS = 1;
/** What is believed of a window of a second. */
const LATE_MS = 20;

function expectNoSpanOverfull(arrivals: readonly number[], requests: number, windowMs: number): void {
  const times = Float64Array.from(arrivals).sort();
  for (let end = requests; end < times.length; end++) {
    // Both ends of a span may be counted, by a server that knows whole milliseconds only.
    expect((times[end] ?? 0) - (times[end - requests] ?? 0), `request ${end}`).toBeGreaterThan(windowMs);
  }
}

/** Before so many answers none is believed. */
const FIRST = 32;

/** A window of which `FIRST` requests were sent and answered long ago. */
function proven(requests: number, windowMs: number): ReturnType<typeof createWindow> {
  const window = createWindow(requests, windowMs);
  for (let ordinal = 1; ordinal <= FIRST; ordinal++) {
    window.sent(-1_000_000);
    window.answered(ordinal, -1_000_000, 0, 0);
  }
  return window;
}

/** Uses up a window at once: `requests` at `atMs`, each answered without delay. */
function filled(requests: number, windowMs: number, atMs: number): ReturnType<typeof createWindow> {
  const window = proven(requests, windowMs);
  for (let ordinal = 1; ordinal <= requests; ordinal++) {
    expect(window.nextAtMs()).toBeLessThanOrEqual(atMs);
    window.sent(atMs);
  }
  for (let ordinal = 1; ordinal <= requests; ordinal++) window.answered(FIRST + ordinal, atMs, 0, 0);
  return window;
}

describe('a sliding window', () => {
  it('lets its whole quota go at once and then nothing before a window and a millisecond have passed', () => {
    expect(filled(5, 1_000, 100).nextAtMs()).toBe(100 + 1_000 + EDGE_MS);
  });

  it('that is fresh bars nobody', () => {
    expect(createWindow(1, 1_000).nextAtMs()).toBe(-Infinity);
  });

  it('takes a request without an answer for one that arrived as late as is believed', () => {
    const window = createWindow(1, 1_000);
    window.sent(0);
    expect(window.nextAtMs()).toBe(1_000 * LATE_SHARE + 1_000 + EDGE_MS);
  });

  it('is free the earlier, the quicker the answer was', () => {
    const window = proven(2, 1_000);
    window.sent(0);
    window.sent(0);
    window.answered(FIRST + 1, 0, 3, 3);
    expect(window.nextAtMs()).toBe(3 + 1_000 + EDGE_MS);
  });

  it('believes an answer that its request was long under way, up to a fifth of the window', () => {
    const window = proven(1, 1_000);
    window.sent(0);
    window.answered(FIRST + 1, 0, 900, 900);
    const lateMs = window.nextAtMs() - 1_000 - EDGE_MS;
    expect(lateMs).toBeGreaterThan(190);
    expect(lateMs).toBeLessThanOrEqual(200);
  });

  it('is not moved by an answer that comes after its request’s place has been used again', () => {
    const window = proven(2, 1_000);
    for (const atMs of [0, 0, 2_000, 2_000]) window.sent(atMs);
    const nextAtMs = window.nextAtMs();
    window.answered(FIRST + 1, 0, 0, 0);
    window.answered(FIRST + 2, 0, 0, 0);
    expect(window.nextAtMs()).toBe(nextAtMs);
  });

  it('waits less for late answers where they are the rule, and longer again when they are not', () => {
    const window = createWindow(1, 1_000);
    let ordinal = 0;
    const believedLateMs = (): number => {
      ordinal++;
      window.sent(0);
      return window.nextAtMs() - 1_000 - EDGE_MS;
    };
    expect(believedLateMs()).toBe(20);
    for (let n = 0; n < 1_000; n++) window.answered(ordinal, 0, 20, 20);
    // On average they may cost 0.3 % of the rate.
    const lowMs = believedLateMs();
    expect(lowMs).toBeGreaterThan(2);
    expect(lowMs).toBeLessThan(4);
    for (let n = 0; n < 1_000; n++) window.answered(ordinal, 0, 0, 0);
    expect(believedLateMs()).toBe(20);
  });

  it('tells what was sent in the window that ends now, in requests a second', () => {
    const window = proven(100, 2_000);
    for (let n = 0; n < 10; n++) window.sent(n * 100);
    for (let n = 0; n < 10; n++) window.answered(FIRST + n + 1, n * 100, 0, 0);
    expect(window.perSecond(900)).toBe(5);
    expect(window.perSecond(2_400)).toBe(2.5);
    expect(window.perSecond(2_900)).toBe(0);
  });

  it('tells requests of an earlier run among them', () => {
    expect(
      createWindow(100, 1_000, [
        { atMs: -500, count: 30 },
        { atMs: 0, count: 4 },
      ]).perSecond(499),
    ).toBe(34);
  });
});

describe('requests of an earlier run', () => {
  it('count where they still lie in the window, one by one, as late as any of them can have arrived', () => {
    const window = createWindow(
      5,
      1_000,
      [
        { atMs: -900, count: 2 },
        { atMs: -50, count: 2 },
      ],
      0,
    );
    expect(window.nextAtMs()).toBe(-Infinity);
    window.sent(0);
    expect(window.nextAtMs()).toBe(-900 + LATE_MS + 1_000 + EDGE_MS);
    window.sent(200);
    window.sent(200);
    expect(window.nextAtMs()).toBe(-50 + LATE_MS + 1_000 + EDGE_MS);
  });

  it('that were more than the quota, at a higher rate, make nothing wait longer than one window', () => {
    expect(createWindow(5, 1_000, [{ atMs: -1, count: 1_000_000_000 }], 0).nextAtMs()).toBe(1_000 + EDGE_MS);
  });

  it('are not mistaken for those of this run when answers come', () => {
    const window = createWindow(3, 1_000, [{ atMs: -100, count: 2 }]);
    window.sent(0);
    for (let n = 0; n <= FIRST; n++) window.answered(1, 0, 5, 5);
    expect(window.nextAtMs()).toBe(-100 + LATE_MS + 1_000 + EDGE_MS);
    window.sent(921);
    window.sent(921);
    expect(window.nextAtMs()).toBe(5 + 1_000 + EDGE_MS);
  });
});

describe('a quota of more than 65,536 requests', () => {
  it.each([65_537, 131_072, 200_001, 1_000_000])('of %i lets nearly all of them go at once and none too many', (requests) => {
    const window = createWindow(requests, 1_000);
    let count = 0;
    for (; window.nextAtMs() <= 0; count++) window.sent(0);
    expect(count).toBeLessThanOrEqual(requests);
    expect(count).toBeGreaterThan(requests * 0.93);
    expect(window.nextAtMs()).toBe(1_000 + 1_000 * LATE_SHARE + EDGE_MS);
    expect(window.perSecond(0)).toBe(count);
  });

  it('holds back the first of several at one place, until the last of those before has left the window', () => {
    const window = createWindow(131_072, 1_000);
    for (let n = 0; n < 131_072; n++) window.sent(n % 2 === 0 ? 0 : 500);
    expect(window.nextAtMs()).toBe(500 + 20 + 1_000 + EDGE_MS);
    window.sent(1_521);
    expect(window.nextAtMs()).toBe(-Infinity);
  });

  it('is not overdrawn after an earlier run that ended in the middle of a place', () => {
    const requests = 131_072;
    const window = createWindow(requests, 1_000, [
      { atMs: -2_000, count: 1 },
      { atMs: -10, count: requests },
    ]);
    expect(window.nextAtMs()).toBeGreaterThan(0);
  });

  it('of any size and past is never overdrawn', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(131_072, 196_608, 262_144), fc.integer({ min: 65_537, max: 400_000 })),
        fc.array(
          fc.record({ ageMs: fc.nat({ max: 1_500 }), share: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })) }),
          { maxLength: 4 },
        ),
        fc.array(fc.nat({ max: 700 }), { minLength: 1, maxLength: 4 }),
        (requests, past, rests) => {
          const windowMs = 1_000;
          const remembered = past
            .toSorted((a, b) => b.ageMs - a.ageMs)
            .map(({ ageMs, share }) => ({ atMs: -ageMs, count: Math.max(Math.ceil(requests * share), 1) }));
          const window = createWindow(requests, windowMs, remembered);
          const groups = [...remembered];
          let nowMs = 0;
          for (const restMs of rests) {
            nowMs += restMs;
            let count = 0;
            for (; window.nextAtMs() <= nowMs; count++) window.sent(nowMs);
            groups.push({ atMs: nowMs, count });
            // Whatever the past was, what is sent now fits into the window that ends now.
            const inWindow = groups.filter(({ atMs }) => atMs >= nowMs - windowMs).reduce((sum, group) => sum + group.count, 0);
            if (count > 0) expect(inWindow).toBeLessThanOrEqual(requests);
          }
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);
});

describe('whenever requests arrive within the believed lateness', () => {
  const step = fc.record({
    restMs: fc.oneof(
      { weight: 4, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.nat({ max: 50 }) },
      { weight: 1, arbitrary: fc.nat({ max: 2_000 }) },
    ),
    lateShare: fc.double({ min: 0, max: 1, noNaN: true }),
    answer: fc.constantFrom('never' as const, 'at once' as const, 'much later' as const, 'at last' as const),
  });
  const past = fc.array(fc.record({ gapMs: fc.nat({ max: 600 }), count: fc.integer({ min: 1, max: 5 }) }), { maxLength: 6 });

  it('no span of the window’s length sees more of them than the quota, remembered ones included', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(100, 1_000, 300_000),
        past,
        fc.array(step, { minLength: 20, maxLength: 120 }),
        (requests, windowMs, past, steps) => {
          const remembered: { atMs: number; count: number }[] = [];
          let pastMs = 0;
          for (const { gapMs, count } of past) remembered.unshift({ atMs: (pastMs -= (gapMs * windowMs) / 1_000), count });
          // An earlier run at the same rate: what no window held is not remembered of it.
          const arrivals = remembered.flatMap(({ atMs, count }) => Array.from({ length: count }, () => atMs));
          fc.pre(arrivals.every((atMs, index) => atMs - (arrivals[index - requests] ?? -Infinity) > windowMs));

          const window = createWindow(requests, windowMs, remembered);
          const unanswered: { ordinal: number; sentAtMs: number; lateMs: number }[] = [];
          const answer = ({ ordinal, sentAtMs, lateMs }: { ordinal: number; sentAtMs: number; lateMs: number }): void =>
            window.answered(ordinal, sentAtMs, lateMs, lateMs);
          let nowMs = 0;
          steps.forEach(({ restMs, lateShare, answer: when }, index) => {
            nowMs = Math.max(nowMs + (restMs * windowMs) / 1_000, window.nextAtMs());
            window.sent(nowMs);
            // One answer in ten may be as late as can be believed; more of them, and less would be.
            const isAnswered = when !== 'never';
            const lateMs = lateShare * windowMs * (!isAnswered || index % 10 === 0 ? LATE_SHARE : USUAL_LATE_SHARE);
            arrivals.push(nowMs + lateMs);
            const sent = { ordinal: index + 1, sentAtMs: nowMs, lateMs };
            if (when === 'at once') answer(sent);
            else if (isAnswered) unanswered.push(sent);
            if (when === 'at last') while (unanswered.length > 0) answer(unanswered.pop() ?? sent);
          });
          expectNoSpanOverfull(arrivals, requests, windowMs);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('what answers prove', () => {
  it('believes no first answer that its request arrived at once: it may have waited for its connection', () => {
    const window = createWindow(1, 1_000);
    window.sent(0);
    window.answered(1, 0, 0, 0);
    expect(window.nextAtMs()).toBe(1_000 + LATE_MS + EDGE_MS);
  });

  it('takes a slow first answer for a request that arrived only then', () => {
    const window = createWindow(1, 1_000);
    window.sent(0);
    window.answered(1, 0, 700, 0);
    expect(window.nextAtMs()).toBe(700 + 1_000 + EDGE_MS);
  });

  it('believes later answers', () => {
    const window = createWindow(1, 1_000);
    for (let ordinal = 1; ordinal <= 40; ordinal++) {
      window.sent(ordinal * 2_000);
      window.answered(ordinal, ordinal * 2_000, 3, 3);
    }
    expect(window.nextAtMs()).toBe(80_000 + 3 + 1_000 + EDGE_MS);
  });

  it('counts requests of an earlier run as arrived as late as any may be, but not later than now', () => {
    expect(createWindow(2, 1_000, [{ atMs: 50, count: 5 }], 100).nextAtMs()).toBe(50 + LATE_MS + 1_000 + EDGE_MS);
    expect(createWindow(2, 1_000, [{ atMs: 50, count: 5 }], 60).nextAtMs()).toBe(60 + 1_000 + EDGE_MS);
  });
});

describe('how late a request is believed to arrive', () => {
  const FREE_MS = 1_000 + EDGE_MS;

  it('is all of it by the first answers, but no more than a window', () => {
    const window = createWindow(1, 1_000);
    window.sent(0);
    window.answered(1, 0, 900, 900);
    expect(window.nextAtMs()).toBe(900 + FREE_MS);
    window.answered(1, 0, 9_000, 9_000);
    expect(window.nextAtMs()).toBe(1_000 + FREE_MS);
  });

  it('is never more than that, however many answers in time there were', () => {
    const window = proven(1, 1_000);
    for (let n = 1; n <= 500; n++) window.answered(FIRST, -1_000_000, 0, 0);
    window.sent(0);
    window.answered(FIRST + 1, 0, 900, 900);
    expect(window.nextAtMs()).toBeLessThanOrEqual(200 + FREE_MS);
  });

  it('is as long as is believed of one without an answer for the last of the first answers, and follows the next', () => {
    const window = createWindow(1, 1_000);
    for (let ordinal = 1; ordinal <= FIRST + 1; ordinal++) {
      window.sent(0);
      window.answered(ordinal, 0, 5, 0);
      expect(window.nextAtMs()).toBe((ordinal <= FIRST ? LATE_MS : 0) + FREE_MS);
    }
  });

  it('is not less because the first answers were late', () => {
    const window = createWindow(1, 1_000);
    for (let ordinal = 1; ordinal <= FIRST + 1; ordinal++) {
      window.sent(0);
      window.answered(ordinal, 0, 900, 900);
    }
    expect(window.nextAtMs()).toBeGreaterThan(190 + FREE_MS);
  });
});

describe('a window so large that requests share places', () => {
  const REQUESTS = 131_072;
  const sendAll = (window: ReturnType<typeof createWindow>, count: number, atMs: number): void => {
    for (let n = 0; n < count; n++) window.sent(atMs);
  };

  it('counts a part of a place of an earlier run as a whole one, and no more', () => {
    const window = createWindow(REQUESTS, 1_000, [{ atMs: 0, count: 3 }], 0);
    sendAll(window, REQUESTS - 4, 5);
    expect(window.nextAtMs()).toBe(1_000 + EDGE_MS);
  });

  it('learns nothing from an answer to one of them about the others', () => {
    const window = createWindow(REQUESTS, 1_000);
    sendAll(window, REQUESTS, 0);
    for (let n = 0; n < FIRST; n++) window.answered(5_000 + n, 0, 0, 0);
    window.answered(1, 0, 0, 0);
    window.answered(2, 0, 0, 0);
    expect(window.nextAtMs()).toBe(LATE_MS + 1_000 + EDGE_MS);
  });
});
