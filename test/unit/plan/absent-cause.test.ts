import { describe, expect, it } from 'vitest';

import { likelyAbsentCause } from '../../../src/plan/absent-cause.ts';

const CUT_OUT = 'they were cut out of a longer text or of CSV, with a part of it';

describe('why no image was found', () => {
  it.each([
    [
      ['a%2Fb', 'c%20d', 'plain'],
      'their spelling (percent-encoded, such as "a%2Fb"): they were taken from URLs; an ID is written without %2F and the like',
    ],
    [["'a'", "'b'", 'c'], `their spelling (with a quote mark, bracket or comma at an end, such as "'a'"): ${CUT_OUT}`],
    [['17', 'a', '18'], 'the wrong --column: most of them are numbers, such as 17'],
    [['a', 'b%2Fc', '3'], undefined],
    [[], undefined],
  ])('%j: %s', (ids, cause) => expect(likelyAbsentCause(ids)).toBe(cause));
});
