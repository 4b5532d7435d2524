import { describe, expect, it } from 'vitest';

import { matchKey } from '../../../../src/domain/spelling/match-key.ts';
import { PatternSet } from '../../../../src/domain/spelling/pattern-set.ts';
import { parsePattern } from '../../../../src/domain/spelling/wildcards.ts';
import * as fc from '../../../support/fast-check.ts';

describe('a set of patterns', () => {
  it('finds a pattern exactly where one of them matches', () => {
    const part = fc.constantFrom('a', 'b', '/', '*', '?', '[ab]', 'B');
    const pattern = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
    const id = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'A'), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 6 }), id, (patterns, text) => {
        const set = new PatternSet(patterns.map((one, index) => [one, index] as const));
        expect(set.find(text) !== undefined).toBe(patterns.some((one) => parsePattern(one).matches(text)));
        const key = matchKey(text);
        expect(set.findByKey(key) !== undefined).toBe(patterns.some((one) => parsePattern(matchKey(one)).matches(key)));
      }),
    );
  });
});
