import { afterEach, describe, expect, it, vi } from 'vitest';

import { parseRetryAfterMs, RETRY_AFTER_MS_MAX, toldWaitMs } from '../../../src/answer/retry-after.ts';
import { RETRY_POLICY, retryDelayMs, waitBeforeRetryMs } from '../../../src/answer/retry-timing.ts';
import * as fc from '../../support/fast-check.ts';

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
    ['2592001', 2_592_000_000],
    ['99999999999999', 2_592_000_000],
    // Seconds since 1970.
    [String(NOW / 1_000 + 30), 30_000],
    [`${NOW / 1_000 + 30}.25`, 30_250],
    [String(NOW / 1_000 - 30), 0],
    ['999999999', 2_592_000_000],
    ['1000000000', 0],
    // Lists: the longest counts.
    ['3, 3', 3_000],
    ['3,1.5', 3_000],
    ['3, 120, 7', 120_000],
    ['Tue, 24 Nov 2026 02:00:30 GMT, 3', 30_000],
    ['60, Tue, 24 Nov 2026 02:00:30 GMT', 60_000],
    ['Tue Nov 24 02:00:30 2026, Tuesday, 24-Nov-26 02:00:40 GMT, 1', 40_000],
    // What is nonsense takes nothing good with it.
    ['soon, 3', 3_000],
    ['3, soon, -5', 3_000],
    ['Tue, 3', 3_000],
    ['Tue, Tue, 24 Nov 2026 02:00:30 GMT', 30_000],
    [',,3,', 3_000],
  ])('%j is %i ms', (text, ms) => expect(parseRetryAfterMs(text, NOW)).toBe(ms));

  it.each([
    undefined,
    '',
    'soon',
    '-5',
    '1e3',
    '5s',
    '0x10',
    '١',
    '1 2',
    ',',
    'Tue,',
    '1/1',
    'Tuesday-ish',
    'on Tue, 24 Nov 2026 02:00:30 GMT',
  ])('%j says nothing', (text) => expect(parseRetryAfterMs(text, NOW)).toBeUndefined());

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

describe('the wait that an answer asks for', () => {
  const GMT = new Date(NOW + 30_000).toUTCString();
  const NOTHING = { retryAfter: undefined, date: undefined, inBody: undefined };

  it.each([-2, 0, 2])('is told by the answer’s own Date where our clock is %i hours wrong', (hours) => {
    const ourNow = NOW + hours * 3_600_000;
    const date = new Date(NOW).toUTCString();
    expect(toldWaitMs({ ...NOTHING, retryAfter: GMT, date }, ourNow)).toBe(30_000);
    expect(toldWaitMs({ ...NOTHING, retryAfter: String(NOW / 1_000 + 30), date }, ourNow)).toBe(30_000);
    expect(toldWaitMs({ ...NOTHING, retryAfter: '30', date }, ourNow)).toBe(30_000);
  });

  it.each([undefined, '', 'yesterday', '1795485600', 'Tue, soon'])('is told by our clock where the answer’s Date is %j', (date) =>
    expect(toldWaitMs({ ...NOTHING, retryAfter: GMT, date }, NOW)).toBe(30_000),
  );

  it('is the longer of header and body', () => {
    expect(toldWaitMs({ ...NOTHING, retryAfter: '3', inBody: '30' }, NOW)).toBe(30_000);
    expect(toldWaitMs({ ...NOTHING, retryAfter: '30', inBody: '3' }, NOW)).toBe(30_000);
    expect(toldWaitMs({ ...NOTHING, retryAfter: 'soon', inBody: '3' }, NOW)).toBe(3_000);
    expect(toldWaitMs({ ...NOTHING, inBody: '-3' }, NOW)).toBeUndefined();
    expect(toldWaitMs(NOTHING, NOW)).toBeUndefined();
  });

  it('of a list is that of its longest item, in whatever order', () => {
    const item = fc.oneof(
      fc.tuple(fc.nat({ max: 100_000 })).map(([seconds]) => [String(seconds), seconds * 1_000] as const),
      fc.nat({ max: 100_000 }).map((seconds) => [new Date(NOW + seconds * 1_000).toUTCString(), seconds * 1_000] as const),
      fc.nat({ max: 100_000 }).map((seconds) => [String(NOW / 1_000 + seconds), seconds * 1_000] as const),
      fc.constantFrom(['soon', undefined] as const, ['-5', undefined] as const, ['', undefined] as const, ['Mon', undefined] as const),
    );
    fc.assert(
      fc.property(fc.array(item, { maxLength: 5 }), fc.constantFrom(', ', ',', ' , '), (items, comma) => {
        const waits = items.map(([, ms]) => ms).filter((ms) => ms !== undefined);
        const text = items.map(([one]) => one).join(comma);
        expect(parseRetryAfterMs(text, NOW)).toBe(waits.length === 0 ? undefined : Math.max(...waits));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('retry timing', () => {
  it('puts the jitter on top of what was asked for', () => {
    expect(waitBeforeRetryMs(3, undefined, () => 0.5)).toBe(500);
    expect(waitBeforeRetryMs(3, 30_000, () => 0)).toBe(30_000);
    expect(waitBeforeRetryMs(3, 30_000, () => 0.5)).toBe(30_500);
  });

  it('doubles its ceiling with each attempt, up to the cap, and spreads over all of it', () => {
    const ceilings = [1, 2, 3, 4, 20, 1_000].map((attempt) => retryDelayMs(attempt, () => 1 - Number.EPSILON));
    expect(ceilings).toEqual([250, 500, 1_000, 2_000, RETRY_POLICY.capMs, RETRY_POLICY.capMs]);
    expect(retryDelayMs(5, () => 0)).toBe(0);
    expect(retryDelayMs(3, () => 0.5)).toBe(500);
  });
});
