import { describe, expect, it } from 'vitest';

import { likelyAbsentCause } from '../../../src/plan/absent-cause.ts';

describe('why no image was found', () => {
  it.each([
    [['a%2Fb', 'c%20d', 'plain'], 'most of them, such as "a%2Fb", are percent-encoded, and were sent as they stand'],
    [['17', 'a', '18'], 'most of them, such as "17", are numbers: is --column the right one?'],
    [['a', 'b%2Fc', '3'], undefined],
    [[], undefined],
  ])('%j: %s', (ids, cause) => expect(likelyAbsentCause(ids)).toBe(cause));
});
