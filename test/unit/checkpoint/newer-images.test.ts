import { describe, expect, it } from 'vitest';

import { NewerImages } from '../../../src/checkpoint/protect/newer-images.ts';
import { idToKey } from '../../../src/checkpoint/format/id-key.ts';

const UUID = '0123abcd-0000-4000-8000-00000000abcd';

describe('the newer images of an account', () => {
  it('are found as they stand, and by every spelling near theirs', () => {
    using images = new NewerImages();
    images.add(['New/Über.png', UUID]);
    images.add(['b', 'B']);
    const find = (id: string): string | true | undefined => {
      const hit = images.find(idToKey(id));
      return hit === undefined ? undefined : (hit.nearEntry ?? true);
    };
    expect(find('New/Über.png')).toBe(true);
    expect(find('new%2F%C3%9Cber.png')).toBe('New/Über.png');
    expect(find(UUID)).toBe(true);
    expect(find(UUID.toUpperCase())).toBe(UUID);
    expect([find('b'), find('B')]).toEqual([true, true]);
    expect(find('%62')).toBe('B');
    expect(find('new')).toBeUndefined();
    expect(images.count).toBe(4);
  });

  it('that are told twice count once, and more may be added once some were looked for', () => {
    using images = new NewerImages();
    images.add(['a']);
    expect(images.find('c')).toBeUndefined();
    images.add(['a', 'c']);
    expect(images.find('c')).toEqual({ nearEntry: undefined });
    expect(images.count).toBe(2);
  });

  it('need not be IDs that could be sent', () => {
    using images = new NewerImages();
    images.add(['variants', 'a/', '%']);
    expect(images.find('Variants')).toEqual({ nearEntry: 'variants' });
  });
});
