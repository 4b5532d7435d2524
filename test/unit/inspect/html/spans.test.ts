import { describe, expect, it } from 'vitest';

import type { Moment } from '../../../../src/checkpoint/timeline/moment.ts';
import { idleSpans, mergedSpans, timeOfRuns } from '../../../../src/inspect/html/spans.ts';
import type { Span } from '../../../../src/report/html/page-facts.ts';

const at = (kind: Moment['kind'], atMs: number, more: Partial<Moment> = {}): Moment => ({
  kind,
  atMs,
  lane: undefined,
  waitMs: 0,
  ...more,
});
const span = (fromMs: number, toMs: number, lane = 'account'): Span => ({ kind: 'throttle', fromMs, toMs, lane, times: 1 });
const NEVER = (): number => {
  throw new Error('every run has written its end');
};

describe('what held runs up', () => {
  it('lasts from its beginning to its end on the same lane', () => {
    const moments = [
      at('run.began', 0),
      at('outage.began', 10, { lane: 1 }),
      at('outage.began', 20, { lane: 2 }),
      at('outage.ended', 30, { lane: 2 }),
      at('outage.ended', 40, { lane: 1 }),
      at('run.ended', 100),
    ];
    const { runs, spans } = timeOfRuns(moments, NEVER);
    expect(runs).toEqual([{ beganMs: 0, endedMs: 100, hasEnded: true }]);
    expect(spans.map(({ fromMs, toMs, lane }) => [fromMs, toMs, lane])).toEqual([
      [10, 40, '1'],
      [20, 30, '2'],
    ]);
  });

  it('ends with its run at the latest, also where that was killed', () => {
    const moments = [
      at('run.began', 0),
      at('throttled', 10, { lane: 'account', waitMs: 500 }),
      at('run.began', 1_000),
      at('outage.began', 1_100),
      at('run.ended', 1_200),
    ];
    const { runs, spans } = timeOfRuns(moments, (nextBeganMs) => Math.min(nextBeganMs, 60));
    expect(runs.map(({ endedMs, hasEnded }) => [endedMs, hasEnded])).toEqual([
      [60, false],
      [1_200, true],
    ]);
    expect(spans.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
      [10, 60],
      [1_100, 1_200],
    ]);
  });

  it('is cut where a run had more than are kept, and says so', () => {
    const throttles = Array.from({ length: 1_999 }, (_, nth) => at('throttled', nth * 10_000, { lane: 'account', waitMs: 1 }));
    const end = at('run.ended', 20_000_000);
    expect(timeOfRuns([at('run.began', 0), ...throttles, end], NEVER).isCut).toBe(true);
    expect(timeOfRuns([at('run.began', 0), ...throttles.slice(2), end], NEVER).isCut).toBe(false);
  });

  it('is one span where it overlaps, with the number of times', () => {
    expect(mergedSpans([span(5_000, 6_000), span(0, 1_000), span(1_500, 2_000, '2')])).toEqual([
      { kind: 'throttle', fromMs: 0, toMs: 2_000, lane: 'several', times: 2 },
      span(5_000, 6_000),
    ]);
  });

  it('is nobody’s where no run was at work: shards that worked meanwhile count', () => {
    const run = (beganMs: number, endedMs: number): { beganMs: number; endedMs: number; hasEnded: true } => ({
      beganMs,
      endedMs,
      hasEnded: true,
    });
    const idle = idleSpans([run(0, 100), run(50, 300), run(400, 500), run(200, 250)]);
    expect(idle.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([[300, 400]]);
  });
});
