import { describe, expect, it } from 'vitest';

import { countOf, formatCount, formatDuration, formatLocalTime, shortened } from '../../../src/text/format.ts';
import * as fc from '../../support/fast-check.ts';

describe('a count for people', () => {
  it('has thousands separators, whatever the machine’s language', () => {
    expect([0, 999, 1_000, 301_245, 1_234_567].map(formatCount)).toEqual(['0', '999', '1,000', '301,245', '1,234,567']);
    expect([-1, -1_000, 1_234.56789, 0.0001].map(formatCount)).toEqual(['-1', '-1,000', '1,234.56789', '0.0001']);
  });
});

describe('a duration for people', () => {
  it.each([
    [0, '0 ms'],
    [-3, '0 ms'],
    [40.4, '40 ms'],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [2_100, '2.1 s'],
    [1_000, '1 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [9_951, '10 s'],
    [18_000, '18 s'],
    [59_400, '59 s'],
    [59_600, '1 min'],
    [153_000, '2 min 33 s'],
    [3_599_600, '1 h'],
    [7_190_000, '2 h'],
    [7_100_000, '1 h 58 min'],
    [90_360_000, '25 h 6 min'],
    [259_140_000, '71 h 59 min'],
    [259_200_000, '3 d'],
    [270_000_000, '3 d 3 h'],
    [345_590_000, '4 d'],
    [86_400_000 * 1_234, '1,234 d'],
  ])('of %d ms is %j', (ms, expected) => {
    expect(formatDuration(ms)).toBe(expected);
  });

  it('never tells 60 of a unit that has 60', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 500_000_000 }),
        (ms) => !/\b60 (s|min)|\b24 h$/.test(formatDuration(ms)) || formatDuration(ms) === '24 h',
      ),
    );
  });
});

describe('a time for people', () => {
  const NOW = new Date(2026, 10, 24).getTime();
  it('is the machine’s own time with the day of the week and the zone', () => {
    expect(formatLocalTime(new Date(2026, 10, 25, 4, 12).getTime(), NOW)).toMatch(/^Wed 25 Nov 04:12 \S+/);
    expect(formatLocalTime(new Date(2026, 10, 25, 0, 5).getTime(), NOW)).toMatch(/^Wed 25 Nov 00:05 \S+/);
  });

  it('has the year where it is another', () => {
    expect(formatLocalTime(new Date(2027, 5, 1, 13, 7).getTime(), NOW)).toMatch(/^Tue 1 Jun 2027 13:07 \S+$/);
    expect(formatLocalTime(new Date(2026, 5, 1).getTime(), NOW)).not.toContain('2026');
  });
});

describe('other texts for people', () => {
  it('one is no plural', () => {
    expect([countOf(1, 'ID'), countOf(2_000, 'ID')]).toEqual(['1 ID', '2,000 IDs']);
  });

  it('a long ID keeps both ends', () => {
    expect(shortened('abcdefghij', 5)).toBe('ab…ij');
    expect(shortened('abcdefghij', 6)).toBe('abc…ij');
    expect(shortened('abcdefghij', 10)).toBe('abcdefghij');
    expect(shortened('😀😀😀', 3)).toBe('😀😀😀');
    expect(shortened('😀😁😂🤣', 3)).toBe('😀…🤣');
  });
});
