import { describe, expect, it } from 'vitest';

import type { Rate } from '../../../src/domain/rate.ts';
import { createLane, type LaneOptions } from '../../../src/pace/lane.ts';
import type { RatelimitView } from '../../../src/pace/quota/ratelimit-headers.ts';
import type { Reservation } from '../../../src/pace/quota/reservations.ts';
import type { Lane, Permit } from '../../../src/pace/types.ts';
import { createVirtualSpacer, flushMicrotasks, VirtualClock } from '../../support/virtual-clock.ts';

const UNLIMITED: Rate = { kind: 'unlimited' };
const TEN_A_SECOND: Rate = { kind: 'limited', requests: 10, perMs: 1_000 };

interface Bench {
  readonly clock: VirtualClock;
  readonly lane: Lane;
  /** Times at which the lane told that it is worth another try. */
  readonly toldAt: number[];
}

function bench(rate: Rate, more: Partial<LaneOptions> = {}): Bench {
  const clock = new VirtualClock();
  const lane = createLane({
    name: 'account',
    rate,
    reserveShare: 0,
    clock,
    random: () => 1,
    createSpacer: (intervalMs) => createVirtualSpacer(clock, intervalMs),
    ...more,
  });
  const toldAt: number[] = [];
  lane.listen(() => toldAt.push(clock.monotonicMs()));
  return { clock, lane, toldAt };
}

function taken(lane: Lane): Permit {
  const permit = lane.tryTake();
  if (permit === undefined) throw new Error('the lane gave no permit');
  return permit;
}

const view = (left: number): RatelimitView => ({ name: 'default', quota: 100, windowMs: 60_000, left });

describe('a lane that is held', () => {
  it('by an outage gives probes only; by a missing token not even those', () => {
    const { lane } = bench(UNLIMITED);
    lane.hold('outage');
    expect(lane.tryTake()).toBeUndefined();
    expect(lane.tryTakeProbe()).toBeDefined();
    lane.hold('token');
    expect(lane.tryTakeProbe()).toBeUndefined();
    expect(lane.state().held).toEqual(['outage', 'token']);
  });

  it('for two reasons goes on when both are over, whichever is over first', () => {
    for (const [first, second] of [
      ['outage', 'token'],
      ['token', 'outage'],
    ] as const) {
      const { lane } = bench(UNLIMITED);
      lane.hold('outage');
      lane.hold('token');
      lane.release(first);
      expect(lane.tryTake()).toBeUndefined();
      lane.release(second);
      expect(lane.tryTake()).toBeDefined();
      expect(lane.state().held).toEqual([]);
    }
  });

  it('for one reason twice is released once', () => {
    const { lane } = bench(UNLIMITED);
    lane.hold('outage');
    lane.hold('outage');
    lane.release('outage');
    expect(lane.tryTake()).toBeDefined();
  });

  it('tells when it is released, and says nothing where it was not held', () => {
    const { lane, toldAt } = bench(UNLIMITED);
    lane.release('outage');
    expect(toldAt).toEqual([]);
    lane.hold('outage');
    lane.release('outage');
    expect(toldAt).toEqual([0]);
  });

  it('counts a probe against its quota', async () => {
    const { lane } = bench({ kind: 'limited', requests: 1, perMs: 60_000 });
    lane.hold('outage');
    lane.tryTakeProbe();
    await flushMicrotasks();
    expect(lane.tryTakeProbe()).toBeDefined();
    await flushMicrotasks();
    expect(lane.tryTakeProbe()).toBeUndefined();
    expect(lane.state().requestCount).toBe(1);
  });
});

describe('a lane that is barred', () => {
  it('by its window tells the moment it is free, with one timer', async () => {
    const { clock, lane, toldAt } = bench(TEN_A_SECOND, { remembered: [{ atMs: -400, count: 10 }] });
    for (let n = 0; n < 5; n++) expect(lane.tryTake()).toBeUndefined();
    expect(clock.sleeperCount).toBe(1);
    // Those of an earlier run may have arrived a fiftieth of the window after they were sent.
    await clock.advance(620);
    expect(toldAt).toEqual([]);
    await clock.advance(1);
    expect(toldAt).toEqual([621]);
  });

  it('by a 429 tells the moment the pause is over, to a probe as well', async () => {
    const { clock, lane, toldAt } = bench(UNLIMITED);
    lane.throttled(taken(lane), 3_000);
    expect([lane.tryTake(), lane.tryTakeProbe()]).toEqual([undefined, undefined]);
    await clock.advance(2_999);
    expect(toldAt).toEqual([]);
    await clock.advance(1);
    expect(toldAt[0]).toBe(3_000);
  });

  it('does not tell once it is closed', async () => {
    const { clock, lane, toldAt } = bench(TEN_A_SECOND, { remembered: [{ atMs: 0, count: 10 }] });
    lane.tryTake();
    await lane.close();
    toldAt.length = 0;
    await clock.advance(60_000);
    expect(toldAt).toEqual([]);
  });

  it('gives nothing after it was closed, released or not', async () => {
    const { lane } = bench(UNLIMITED);
    lane.hold('token');
    await lane.close();
    lane.release('token');
    expect([lane.tryTake(), lane.tryTakeProbe(), lane.isClosed, lane.state().isClosed]).toEqual([undefined, undefined, true, true]);
  });
});

describe('what the API says is left', () => {
  it('bars a lane that has no rate of its own, the reserve kept, until the window is over', async () => {
    const { clock, lane, toldAt } = bench(UNLIMITED, { reserveShare: 0.1 });
    const first = taken(lane);
    lane.requestEnded(first, true);
    lane.quotaReported(first, [view(10)]);
    expect(lane.tryTake()).toBeUndefined();
    expect(lane.state()).toMatchObject({ yieldingForMs: 60_000, pausedForMs: 0 });
    toldAt.length = 0;
    await clock.advance(59_999);
    expect(toldAt).toEqual([]);
    await clock.advance(1);
    expect(toldAt[0]).toBe(60_000);
    expect(lane.state().yieldingForMs).toBe(0);
  });

  it('spreads an unlimited lane’s requests over the window', async () => {
    const { clock, lane } = bench(UNLIMITED);
    const first = taken(lane);
    lane.requestEnded(first, true);
    lane.quotaReported(first, [view(61)]);
    let count = 0;
    lane.listen(() => {
      for (let permit = lane.tryTake(); permit !== undefined; permit = lane.tryTake()) {
        count++;
        lane.requestEnded(permit, false);
      }
    });
    lane.tryTake();
    await clock.advance(30_000);
    expect(lane.state().ratePerSecond).toBeCloseTo(1, 1);
    expect(count).toBeGreaterThan(28);
    expect(count).toBeLessThan(33);
  });

  it('is less by those in flight, who may not have been counted', () => {
    const { lane } = bench(UNLIMITED);
    const permits = Array.from({ length: 5 }, () => taken(lane));
    const [first] = permits;
    if (first === undefined) throw new Error('five were taken');
    lane.requestEnded(first, true);
    lane.quotaReported(first, [view(4)]);
    expect(lane.state().yieldingForMs).toBe(60_000);
  });

  it('is told to the one who listens, and policies once each', () => {
    const policies: RatelimitView[] = [];
    const { lane, toldAt } = bench(UNLIMITED, { onPolicy: (one) => policies.push(one) });
    const permit = taken(lane);
    lane.requestEnded(permit, true);
    lane.quotaReported(permit, []);
    expect(toldAt).toEqual([]);
    lane.quotaReported(permit, [view(50)]);
    lane.quotaReported(permit, [view(50)]);
    expect(toldAt).toEqual([0, 0]);
    expect(policies).toEqual([view(50)]);
  });
});

describe('a lane whose requests go on record first', () => {
  it('gives no permit before, and tells when they are', async () => {
    const asked: Reservation[] = [];
    let record = (): void => undefined;
    const { lane, toldAt } = bench(TEN_A_SECOND, {
      recordReservation: (reservation) => {
        asked.push(reservation);
        return new Promise((resolve) => (record = resolve));
      },
    });
    expect(lane.tryTake()).toBeUndefined();
    await flushMicrotasks();
    expect([lane.tryTake(), toldAt.length, asked.length]).toEqual([undefined, 0, 1]);
    record();
    await flushMicrotasks();
    expect(toldAt.length).toBeGreaterThan(0);
    lane.tryTake();
    await flushMicrotasks();
    expect(lane.tryTake()).toBeDefined();
    expect(lane.used()).toEqual({ count: 1, byMs: 0 });
  });

  it('hands an error of the record on, and gives no permit', async () => {
    const errors: unknown[] = [];
    const { lane } = bench(TEN_A_SECOND, {
      recordReservation: () => Promise.reject(new Error('disk full')),
      onError: (error) => errors.push(error),
    });
    lane.tryTake();
    await flushMicrotasks();
    expect([lane.tryTake(), errors]).toEqual([undefined, [new Error('disk full')]]);
  });

  it('records nothing where it is unlimited', () => {
    const { lane } = bench(UNLIMITED, { recordReservation: () => Promise.reject(new Error('asked')) });
    expect(lane.tryTake()).toBeDefined();
    expect(lane.used()).toBeUndefined();
  });
});
