import { describe, expect, it } from 'vitest';

import { Buckets } from '../../../../src/inspect/html/buckets.ts';
import * as fc from '../../../support/fast-check.ts';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

function filled(answers: readonly (readonly [atMs: number, durationMs: number])[]): Buckets {
  const times = answers.map(([atMs]) => atMs);
  const buckets = new Buckets({ firstMs: Math.min(...times), lastMs: Math.max(...times), count: answers.length });
  for (const [atMs, durationMs] of answers) buckets.add(atMs, 'deleted', durationMs);
  return buckets;
}

const sum = (counts: readonly number[] = []): number => counts.reduce((total, count) => total + count, 0);

describe('answers by time', () => {
  it('are all counted, in 500 buckets at most, whatever time they span', () => {
    const times = fc.array(fc.integer({ min: 0, max: 4_000 * DAY_MS }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(times, fc.boolean(), (given, isMany) => {
        const answers = (isMany ? Array.from({ length: 60 }, () => given).flat() : given).map((atMs) => [atMs, 1] as const);
        const series = filled(answers).series();
        if (series === undefined) return;
        expect(sum(series.deleted)).toBe(answers.length);
        expect(series.deleted.length).toBeLessThanOrEqual(500);
      }),
    );
  });

  it('have percentiles that are off by 3 % at most', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_600_000 }), { minLength: 1, maxLength: 300 }), (durations) => {
        const latency = filled(durations.map((durationMs, at) => [at * SECOND_MS, durationMs] as const)).latency();
        const sorted = durations.toSorted((a, b) => a - b);
        const exact = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
        for (const [told, share] of [
          [latency?.p50, 0.5],
          [latency?.p95, 0.95],
          [latency?.p99, 0.99],
        ] as const)
          expect(Math.abs((told ?? Infinity) - exact(share))).toBeLessThanOrEqual(exact(share) * 0.03 + 1);
      }),
    );
  });

  it('have an even rate to the end, although the last bucket is not full', () => {
    const rates = filled(Array.from({ length: 1_003 }, (_, at) => [at * 100, 1] as const)).series()?.rate ?? [];
    expect(rates.filter((rate) => rate !== null && (rate < 9 || rate > 11))).toEqual([]);
    expect(rates.filter((rate) => rate !== null).length).toBeGreaterThan(40);
  });

  it('of a run at work that came after the last known one are in the last bucket', () => {
    const buckets = new Buckets({ firstMs: 0, lastMs: 60 * SECOND_MS, count: 1_000 });
    buckets.add(90 * SECOND_MS, 'absent', 5);
    expect(buckets.series()?.absent.at(-1)).toBe(1);
  });

  it('leave gaps where there were none for long', () => {
    const buckets = filled([...Array.from({ length: 100 }, (_, at) => [at * SECOND_MS, 1] as const), [1_000 * SECOND_MS, 1]]);
    const [gap, ...others] = buckets.gaps(60 * SECOND_MS);
    expect(others).toEqual([]);
    expect(gap?.fromMs).toBeGreaterThanOrEqual(99 * SECOND_MS);
    expect(gap?.toMs).toBeLessThanOrEqual(1_000 * SECOND_MS);
  });
});
