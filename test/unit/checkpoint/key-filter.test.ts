import { describe, expect, it } from 'vitest';

import { KeyFilter } from '../../../src/checkpoint/protect/key-filter.ts';
import * as fc from '../../support/fast-check.ts';

describe('the filter of keys', () => {
  it('knows every key that it was given, texts and bytes', () => {
    const key = fc.oneof(fc.string({ unit: 'grapheme' }), fc.uint8Array({ minLength: 16, maxLength: 16 }));
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 200 }), (keys) => {
        const filter = new KeyFilter(keys.length);
        for (const one of keys) filter.add(one);
        expect(keys.every((one) => filter.mayHave(one))).toBe(true);
      }),
    );
  });

  it('asks in vain for few of the others', () => {
    const filter = new KeyFilter(100_000);
    for (let index = 0; index < 100_000; index++) filter.add(`kept-${index}`);
    let inVain = 0;
    for (let index = 0; index < 100_000; index++) if (filter.mayHave(`other-${index}`)) inVain++;
    expect(inVain).toBeLessThan(4_000);
  });
});
