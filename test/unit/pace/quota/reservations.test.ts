import { describe, expect, it } from 'vitest';

import { createReservations, type Reservation, type Reservations } from '../../../../src/pace/quota/reservations.ts';
import * as fc from '../../../support/fast-check.ts';
import { flushMicrotasks, VirtualClock } from '../../../support/virtual-clock.ts';

/** 200/s: a reservation covers 250 ms, 51 requests. */
const SIZE = 51;
const SPAN_MS = 250;

interface Bench {
  readonly clock: VirtualClock;
  readonly reservations: Reservations;
  readonly asked: Reservation[];
  readonly errors: unknown[];
  readonly reservedCount: () => number;
}

/** @param record - how long putting a reservation on record takes, or how it fails */
function bench(record: (clock: VirtualClock) => Promise<void> = () => Promise.resolve(), rate = { requests: 200, perMs: 1_000 }): Bench {
  const clock = new VirtualClock();
  const asked: Reservation[] = [];
  const errors: unknown[] = [];
  let reservedCount = 0;
  const reservations = createReservations({
    ...rate,
    clock,
    recordReservation: (reservation) => {
      asked.push(reservation);
      return record(clock);
    },
    onReserved: () => void reservedCount++,
    onError: (error) => errors.push(error),
  });
  return { clock, reservations, asked, errors, reservedCount: () => reservedCount };
}

function use(reservations: Reservations, count: number): void {
  for (let n = 0; n < count; n++) {
    expect(reservations.isAvailable()).toBe(true);
    reservations.use();
  }
}

describe('a reservation', () => {
  it('is not there to be used before it is on record; then the one that waits hears of it', async () => {
    const { clock, reservations, asked, reservedCount } = bench((clock) => clock.sleep(100));
    expect(reservations.isAvailable()).toBe(false);
    await clock.advance(99);
    expect([reservations.isAvailable(), asked.length, reservedCount()]).toEqual([false, 1, 0]);
    await clock.advance(1);
    expect([reservations.isAvailable(), asked.length, reservedCount()]).toEqual([true, 1, 1]);
  });

  it('covers two spans of time from when it was asked for, and a span of requests', () => {
    const { reservations, asked } = bench();
    reservations.isAvailable();
    expect(asked).toEqual([{ count: SIZE, untilMs: 2 * SPAN_MS, used: { count: 0, byMs: 0 } }]);
  });

  it.each([
    [
      { requests: 1_000, perMs: 300_000 },
      { count: 11, untilMs: 6_000 },
    ],
    [
      { requests: 1_000, perMs: 86_400_000 },
      { count: 2, untilMs: 10_000 },
    ],
    [
      { requests: 1, perMs: 1_000 },
      { count: 1, untilMs: 500 },
    ],
    [
      { requests: 3, perMs: 10 },
      { count: 3, untilMs: 500 },
    ],
  ])('of %j is %j', (rate, reservation) => {
    const { reservations, asked } = bench(undefined, rate);
    reservations.isAvailable();
    expect(asked).toMatchObject([reservation]);
  });

  it('that is half used is followed by the next, which tells what became of it and takes over its rest', async () => {
    const { clock, reservations, asked } = bench();
    reservations.isAvailable();
    await clock.advance(10);
    use(reservations, 25);
    expect(reservations.isAvailable()).toBe(true);
    expect(asked).toHaveLength(1);
    reservations.use();
    await clock.advance(10);
    reservations.isAvailable();
    expect(asked[1]).toEqual({ count: SIZE + 25, untilMs: 20 + 2 * SPAN_MS, used: { count: 26, byMs: 10 } });
    await clock.advance(0);
    use(reservations, SIZE);
  });

  it('is asked for once at a time, however often somebody looks', () => {
    const { reservations, asked } = bench(() => new Promise(() => undefined));
    for (let n = 0; n < 100; n++) expect(reservations.isAvailable()).toBe(false);
    expect(asked).toHaveLength(1);
  });

  it('is renewed ahead of its end where it is hardly used', async () => {
    const { clock, reservations, asked } = bench();
    reservations.isAvailable();
    await clock.advance(375);
    reservations.isAvailable();
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    expect(reservations.isAvailable()).toBe(true);
    expect(asked).toHaveLength(2);
  });

  it('is stale after its time: what is left of it may not be sent any more', async () => {
    const { clock, reservations, asked } = bench();
    reservations.isAvailable();
    await clock.advance(500);
    expect(reservations.isAvailable()).toBe(true);
    await clock.advance(1_000);
    expect(reservations.isAvailable()).toBe(false);
    expect(asked.at(-1)).toMatchObject({ count: SIZE, untilMs: 1_500 + 2 * SPAN_MS });
    await clock.advance(0);
    expect(reservations.isAvailable()).toBe(true);
  });

  it('tells how many of it were used, and when the last was; the next begins again', async () => {
    const { clock, reservations } = bench();
    reservations.isAvailable();
    expect(reservations.used()).toEqual({ count: 0, byMs: 0 });
    await clock.advance(30);
    use(reservations, 2);
    await clock.advance(40);
    use(reservations, 1);
    await clock.advance(50);
    expect(reservations.used()).toEqual({ count: 3, byMs: 70 });
    await clock.advance(300);
    reservations.isAvailable();
    expect(reservations.used()).toEqual({ count: 0, byMs: 0 });
  });

  it('that cannot be put on record is told as an error, once, and nothing is sent', async () => {
    const failure = new Error('disk full');
    const { clock, reservations, asked, errors, reservedCount } = bench(() => Promise.reject(failure));
    expect(reservations.isAvailable()).toBe(false);
    await clock.advance(10_000);
    expect(reservations.isAvailable()).toBe(false);
    expect([errors, asked.length, reservedCount()]).toEqual([[failure], 1, 0]);
  });

  it('that takes longer to record than it holds makes the next hold longer, so that something is sent', async () => {
    const { clock, reservations } = bench((clock) => clock.sleep(600));
    let sentCount = 0;
    for (let n = 0; n < 1_000; n++) {
      if (reservations.isAvailable()) {
        reservations.use();
        sentCount++;
      }
      await clock.advance(10);
    }
    expect(sentCount).toBeGreaterThan(100);
  });
});

it('after a kill at any moment, what is on record covers everything that was sent', async () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('send' as const), count: fc.integer({ min: 1, max: 60 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat({ max: 400 }) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat({ max: 300 }), async (steps, recordMs) => {
      const rows: { count: number; untilMs: number }[] = [];
      const clock = new VirtualClock();
      const reservations = createReservations({
        requests: 200,
        perMs: 1_000,
        clock,
        recordReservation: async ({ count, untilMs, used }) => {
          await clock.sleep(recordMs);
          const last = rows.at(-1);
          if (last !== undefined) Object.assign(last, { count: used.count, untilMs: used.byMs });
          rows.push({ count, untilMs });
        },
        onReserved: () => undefined,
        onError: (error) => {
          throw error;
        },
      });
      const sentAtMs: number[] = [];
      for (const step of steps) {
        if (step.kind === 'time') await clock.advance(step.ms);
        else {
          for (let n = 0; n < step.count; n++) {
            await flushMicrotasks();
            if (!reservations.isAvailable()) break;
            reservations.use();
            sentAtMs.push(clock.monotonicMs());
          }
        }
        // As late as it says, or later: then it counts for longer.
        for (const fromMs of sentAtMs) {
          const recordedSince = rows.filter(({ untilMs }) => untilMs >= fromMs).reduce((sum, { count }) => sum + count, 0);
          expect(recordedSince).toBeGreaterThanOrEqual(sentAtMs.filter((atMs) => atMs >= fromMs).length);
        }
      }
    }),
    { numRuns: 100 },
  );
});
