import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { parseRetryAfterMs, RETRY_AFTER_MS_MAX } from '../../../src/answer/retry-after.ts';
import { RETRY_POLICY, retryDelayMs } from '../../../src/answer/retry-timing.ts';

const NOW = Date.UTC(2026, 10, 24, 2, 0, 0);

describe('Retry-After', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each(['Tue, 24 Nov 2026 02:00:30 GMT', 'Tuesday, 24-Nov-26 02:00:30 GMT', 'Tue Nov 24 02:00:30 2026'])(
    '%j is 30 s off whatever the time zone',
    (text) => {
      for (const zone of ['UTC', 'America/New_York', 'Asia/Kolkata']) {
        vi.stubEnv('TZ', zone);
        expect(parseRetryAfterMs(text, NOW)).toBe(30_000);
      }
    },
  );

  it.each([
    ['7', 7_000],
    ['1.25', 1_250],
    ['0.0001', 1],
    [' 120 ', 120_000],
    ['0', 0],
    ['Tue, 24 Nov 2026 02:00:30 GMT', 30_000],
    ['Tue, 24 Nov 2026 01:00:00 GMT', 0],
    // Thirty days.
    ['99999999999999', 2_592_000_000],
  ])('%j is %i ms', (text, ms) => expect(parseRetryAfterMs(text, NOW)).toBe(ms));

  it.each([undefined, '', 'soon', '-5', '1e3', '5s', '1/1', 'Tuesday-ish', 'on Tue, 24 Nov 2026 02:00:30 GMT'])('%j says nothing', (text) =>
    expect(parseRetryAfterMs(text, NOW)).toBeUndefined(),
  );

  it('any text gives nothing or a delay in range', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 4e12 }), (text, nowMs) => {
        const delayMs = parseRetryAfterMs(text, nowMs);
        if (delayMs === undefined) return;
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(RETRY_AFTER_MS_MAX);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('retry timing', () => {
  it('doubles its ceiling with each attempt, up to the cap, and spreads over all of it', () => {
    const ceilings = [1, 2, 3, 4, 20, 1_000].map((attempt) => retryDelayMs(attempt, () => 1 - Number.EPSILON));
    expect(ceilings).toEqual([250, 500, 1_000, 2_000, RETRY_POLICY.capMs, RETRY_POLICY.capMs]);
    expect(retryDelayMs(5, () => 0)).toBe(0);
    expect(retryDelayMs(3, () => 0.5)).toBe(500);
  });
});
