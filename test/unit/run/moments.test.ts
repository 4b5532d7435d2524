import { describe, expect, it } from 'vitest';

import type { PurgeEvent } from '../../../src/observe/events.ts';
import { createMoments, type Moments } from '../../../src/run/moments.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const THROTTLED: PurgeEvent = {
  kind: 'lane.throttled',
  lane: 3,
  httpStatus: 429,
  code: undefined,
  waitMs: 7_000,
  untilWallMs: 0,
  cause: 'speed',
  ratePerSecond: 1,
};
const OUTAGE: PurgeEvent = { kind: 'outage.started', lane: undefined, failures: 20, lastError: 'ECONNRESET' };

function begun(told: PurgeEvent[] = []): Moments {
  const moments = createMoments({ event: (event) => void told.push(event) }, new VirtualClock());
  moments.runBegins();
  return moments;
}

const kindsOf = (moments: Moments): string[] => moments.take().map(({ kind }) => kind);

describe('moments', () => {
  it('are gathered between the beginning and the end of sending, each is taken once, and every event is told on', () => {
    const told: PurgeEvent[] = [];
    const moments = begun(told);
    moments.observer.event(THROTTLED);
    expect(moments.take()).toMatchObject([{ kind: 'run.began' }, { kind: 'throttled', lane: 3, waitMs: 7_000 }]);
    moments.observer.event(OUTAGE);
    moments.observer.event({ kind: 'quota.shared' });
    moments.runEnds();
    expect(kindsOf(moments)).toEqual(['outage.began', 'run.ended']);
    expect(told.map(({ kind }) => kind)).toEqual(['lane.throttled', 'outage.started', 'quota.shared']);
  });

  it('of a run that sends nothing are none', () => {
    const moments = createMoments({ event: () => undefined }, new VirtualClock());
    moments.observer.event(OUTAGE);
    moments.runEnds();
    expect(moments.take()).toEqual([]);
  });

  it('are at most 2,000 of one run, and its end', () => {
    const moments = begun();
    for (let n = 0; n < 3_000; n++) moments.observer.event(THROTTLED);
    moments.runEnds();
    const kinds = kindsOf(moments);
    expect(kinds).toHaveLength(2_001);
    expect(kinds.at(-1)).toBe('run.ended');
  });
});
