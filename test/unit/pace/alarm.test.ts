import { describe, expect, it } from 'vitest';

import { type Alarm, createAlarm } from '../../../src/pace/alarm.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function recording(): { clock: VirtualClock; alarm: Alarm; rungAt: number[] } {
  const clock = new VirtualClock();
  const rungAt: number[] = [];
  return { clock, alarm: createAlarm(clock, () => rungAt.push(clock.monotonicMs())), rungAt };
}

describe('an alarm', () => {
  it('rings once, at its time', async () => {
    const { clock, alarm, rungAt } = recording();
    alarm.ringAt(500);
    await clock.advance(499);
    expect(rungAt).toEqual([]);
    await clock.advance(10_000);
    expect(rungAt).toEqual([500]);
  });

  it('that was never set may be cancelled and closed', () => {
    const { alarm } = recording();
    alarm.cancel();
    expect(() => alarm.close()).not.toThrow();
  });

  it('set again keeps the earlier time, and rings once for both', async () => {
    const { clock, alarm, rungAt } = recording();
    alarm.ringAt(500);
    alarm.ringAt(900);
    alarm.ringAt(200);
    alarm.ringAt(500);
    await clock.advance(10_000);
    expect(rungAt).toEqual([200]);
    expect(clock.sleeperCount).toBe(0);
  });

  it('may be set again once it has rung, for a later time too', async () => {
    const { clock, alarm, rungAt } = recording();
    alarm.ringAt(200);
    await clock.advance(300);
    alarm.ringAt(900);
    await clock.advance(10_000);
    expect(rungAt).toEqual([200, 900]);
  });

  it('may be set by its own ringing', async () => {
    const clock = new VirtualClock();
    const rungAt: number[] = [];
    const alarm = createAlarm(clock, () => {
      rungAt.push(clock.monotonicMs());
      if (rungAt.length < 3) alarm.ringAt(clock.monotonicMs() + 100);
    });
    alarm.ringAt(100);
    await clock.advance(10_000);
    expect(rungAt).toEqual([100, 200, 300]);
  });

  it('for a time that has passed rings in the next turn, not in the call', async () => {
    const { clock, alarm, rungAt } = recording();
    await clock.advance(1_000);
    alarm.ringAt(10);
    expect(rungAt).toEqual([]);
    await clock.advance(0);
    expect(rungAt).toEqual([1_000]);
  });

  it('for never does not ring, nor hold a timer', async () => {
    const { clock, alarm, rungAt } = recording();
    alarm.ringAt(Infinity);
    expect(clock.sleeperCount).toBe(0);
    alarm.ringAt(100);
    await clock.advance(100);
    expect(rungAt).toEqual([100]);
  });

  it('that is cancelled is quiet until it is set again, for any time', async () => {
    const { clock, alarm, rungAt } = recording();
    alarm.ringAt(100);
    alarm.cancel();
    await clock.advance(1_000);
    expect(rungAt).toEqual([]);
    alarm.ringAt(1_500);
    await clock.advance(1_000);
    expect(rungAt).toEqual([1_500]);
  });

  it('that is closed never rings again and holds no timer', async () => {
    const { clock, alarm, rungAt } = recording();
    alarm.ringAt(100);
    alarm.close();
    alarm.ringAt(50);
    await clock.advance(1_000);
    expect(rungAt).toEqual([]);
    expect(clock.sleeperCount).toBe(0);
  });
});
