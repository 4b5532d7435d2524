import { describe, expect, it } from 'vitest';

import { shardIndexOf } from '../../../src/domain/shard.ts';
import * as fc from '../../support/fast-check.ts';

/** The first eight hexadecimal digits of `printf %s ID | sha256sum`. A version that gives others would delete IDs of other shards. */
const HASHES: readonly (readonly [string, number])[] = [
  ['a', 0xca978112],
  ['3f0c8a44-1a2b-4c3d-8e9f-a91e00112233', 3_273_563_845],
  ['3F0C8A44-1A2B-4C3D-8E9F-A91E00112233', 2_724_769_136],
  ['shop/hero.jpg', 0xd28de429],
  ['é', 0x4a99557e],
  ['e\u0301', 3_205_658_235],
  ['👩‍🚀', 0xbaf35f72],
  ['00000000000000000000000000000000', 2_229_321_962],
];

describe('the shard of an ID', () => {
  it.each(HASHES)('%j follows from %i', (id, hash) => {
    for (const count of [1, 2, 3, 4, 7, 16, 1_000, 100_000]) expect(shardIndexOf(id, count)).toBe(hash % count);
  });

  it.each([
    ['a', 3, 2],
    ['a', 100_000, 26_610],
    ['shop/hero.jpg', 16, 9],
    ['é', 7, 6],
    ['e\u0301', 7, 3],
    ['👩‍🚀', 100_000, 11_858],
  ])('%j of %i is %i', (id, count, index) => expect(shardIndexOf(id, count)).toBe(index));

  it('is exactly one of them, whatever the ID', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }), fc.integer({ min: 1, max: 100_000 }), (id, count) => {
        const index = shardIndexOf(id, count);
        expect(Number.isInteger(index) && index >= 0 && index < count).toBe(true);
        expect(shardIndexOf(id, count)).toBe(index);
      }),
    );
  });

  it('is each about as often as any other', () => {
    const counts = Array.from({ length: 16 }, () => 0);
    for (let n = 0; n < 16_000; n++) {
      const index = shardIndexOf(`photos/${n}.jpg`, 16);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});
