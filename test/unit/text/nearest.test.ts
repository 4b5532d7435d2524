import { describe, expect, test } from 'vitest';

import { editDistance, nearestTo } from '../../../src/text/nearest.ts';
import * as fc from '../../support/fast-check.ts';

describe('what was most likely meant', () => {
  test('the fewest edits win, two are the most, and half of a word is not guessed at', () => {
    const names = ['id', 'img_id', 'image', 'filename'];
    expect(nearestTo('imgid', names)).toBe('img_id');
    expect(nearestTo('image', names)).toBe('image');
    expect(nearestTo('flename', names)).toBe('filename');
    expect(nearestTo('filnam', names)).toBe('filename');
    expect(nearestTo('fnam', names)).toBeUndefined();
    expect(nearestTo('uid', names)).toBeUndefined();
    expect(nearestTo('', names)).toBeUndefined();
    expect(nearestTo('IMG-ID', names, (text) => text.toLowerCase().replaceAll(/[_-]/g, ''))).toBe('img_id');
  });

  test('the distance of two texts counts letters added, left out and put for another', () => {
    expect(['', 'ab', 'abc', 'acb', 'xbcd', 'xyz'].map((text) => editDistance(text, 'abc'))).toEqual([3, 1, 0, 2, 2, 3]);
    const text = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(text, text, text, (one, other, third) => {
        const distance = editDistance(one, other);
        expect(distance).toBe(editDistance(other, one));
        expect(distance === 0).toBe(one === other);
        expect(distance).toBeLessThanOrEqual(editDistance(one, third) + editDistance(third, other));
      }),
    );
  });
});
