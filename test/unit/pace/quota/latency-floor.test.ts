import { describe, expect, it } from 'vitest';

import { createLatencyFloor } from '../../../../src/pace/quota/latency-floor.ts';
import * as fc from '../../../support/fast-check.ts';

describe('the latency floor', () => {
  it('is infinite before the first answer', () => expect(createLatencyFloor().ms).toBe(Infinity));

  it('is the shortest answer, not the last', () => {
    const floor = createLatencyFloor();
    for (const latencyMs of [80, 20, 50]) floor.add(latencyMs, 0);
    expect(floor.ms).toBe(20);
  });

  it('forgets a short answer when at least half a minute of longer ones has followed', () => {
    const floor = createLatencyFloor();
    floor.add(5, 0);
    const floors = [10_000, 29_999, 30_000, 59_999, 60_000].map((nowMs) => {
      floor.add(40, nowMs);
      return floor.ms;
    });
    expect(floors).toEqual([5, 5, 5, 5, 40]);
  });

  it('is always that of an answer of the last minute of answers, and no longer than any of the last half-minute', () => {
    const answer = fc.record({ restMs: fc.nat({ max: 20_000 }), latencyMs: fc.nat({ max: 1_000 }) });
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1, maxLength: 50 }), (answers) => {
        const floor = createLatencyFloor();
        const seen: { atMs: number; latencyMs: number }[] = [];
        let nowMs = 0;
        for (const { restMs, latencyMs } of answers) {
          nowMs += restMs;
          floor.add(latencyMs, nowMs);
          seen.push({ atMs: nowMs, latencyMs });
          const shortestSince = (sinceMs: number): number =>
            Math.min(...seen.filter(({ atMs }) => atMs > sinceMs).map((one) => one.latencyMs));
          expect(floor.ms).toBeLessThanOrEqual(shortestSince(nowMs - 30_000));
          // A span begins with its first answer, here at most 20 s after the one before has ended.
          expect(floor.ms).toBeGreaterThanOrEqual(shortestSince(nowMs - 100_000));
        }
      }),
    );
  });
});
