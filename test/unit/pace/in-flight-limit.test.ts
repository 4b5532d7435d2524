import { describe, expect, it } from 'vitest';

import { createLane } from '../../../src/pace/lane.ts';
import { limitInFlight } from '../../../src/pace/in-flight-limit.ts';
import type { Lane, Permit } from '../../../src/pace/types.ts';
import { createVirtualSpacer, VirtualClock } from '../../support/virtual-clock.ts';

function limited(inFlightMax: () => number): { lane: Lane; inner: Lane; clock: VirtualClock } {
  const clock = new VirtualClock();
  const inner = createLane({
    name: 3,
    rate: { kind: 'unlimited' },
    reserveShare: 0,
    clock,
    random: () => 1,
    createSpacer: (intervalMs) => createVirtualSpacer(clock, intervalMs),
  });
  return { lane: limitInFlight(inner, inFlightMax), inner, clock };
}

function taken(permit: Permit | undefined): Permit {
  if (permit === undefined) throw new Error('the lane gave no permit');
  return permit;
}

describe('a lane with a share of the requests in flight', () => {
  it('takes no more than that, and one more for each that is settled', () => {
    const { lane } = limited(() => 2);
    const [one] = [taken(lane.tryTake()), taken(lane.tryTake())];
    expect(lane.tryTake()).toBeUndefined();
    lane.requestEnded(one, true);
    expect(lane.tryTake()).toBeDefined();
    expect(lane.tryTake()).toBeUndefined();
  });

  it('gives permits of its own, so that what is settled is settled with it', () => {
    const { lane } = limited(() => 1);
    expect(taken(lane.tryTake()).lane).toBe(lane);
    expect(taken(lane.tryTakeProbe()).lane).toBe(lane);
  });

  it('keeps no probe waiting for a place, but counts it', () => {
    const { lane } = limited(() => 1);
    const probes = [taken(lane.tryTakeProbe()), taken(lane.tryTakeProbe())];
    expect(lane.tryTake()).toBeUndefined();
    for (const probe of probes) {
      expect(lane.tryTake()).toBeUndefined();
      lane.requestEnded(probe, false);
    }
    expect(lane.tryTake()).toBeDefined();
  });

  it('tells of a free place where it was full, and only there', () => {
    const { lane } = limited(() => 2);
    let toldCount = 0;
    lane.listen(() => toldCount++);
    const [one, two] = [taken(lane.tryTake()), taken(lane.tryTake())];
    lane.requestEnded(one, true);
    expect(toldCount).toBe(1);
    lane.requestEnded(two, true);
    expect(toldCount).toBe(1);
  });

  it('follows a share that changes', () => {
    let share = 1;
    const { lane } = limited(() => share);
    lane.tryTake();
    expect(lane.tryTake()).toBeUndefined();
    share = 2;
    expect(lane.tryTake()).toBeDefined();
  });

  it('counts no permit that was never given', () => {
    const { lane } = limited(() => 1);
    lane.hold('token');
    expect([lane.tryTake(), lane.tryTakeProbe()]).toEqual([undefined, undefined]);
    lane.release('token');
    expect(lane.tryTake()).toBeDefined();
  });

  it('is in all else the lane it stands for', async () => {
    const { lane, inner, clock } = limited(() => 5);
    let toldCount = 0;
    lane.listen(() => toldCount++);
    const permit = taken(lane.tryTake());
    lane.requestEnded(permit, true);
    lane.hold('outage');
    expect([lane.name, lane.isClosed, lane.tryTake(), lane.used()]).toEqual([3, false, undefined, undefined]);
    lane.release('outage');
    expect(toldCount).toBe(1);
    expect(lane.throttled(permit, 90_000)).toEqual({ isNews: true, waitMs: 90_000 });
    expect(lane.state()).toEqual(inner.state());
    const slower = lane.state().ratePerSecond;
    await clock.advance(120_000);
    // Asked for; it comes a moment later.
    lane.tryTake();
    await clock.advance(0);
    lane.answered(taken(lane.tryTake()));
    expect(lane.state().ratePerSecond).toBeGreaterThan(slower);
    lane.quotaReported(permit, [{ name: 'default', quota: 100, windowMs: 60_000, left: 0 }]);
    expect(lane.state().yieldingForMs).toBe(60_000);
    await lane.close();
    expect([lane.isClosed, inner.isClosed]).toEqual([true, true]);
  });
});
