import { describe, expect, it } from 'vitest';

import { ScratchIds } from '../../../src/checkpoint/find/scratch-ids.ts';

const UUID = '0123abcd-0000-4000-8000-00000000abcd';

describe('IDs that are kept for a while', () => {
  it('are found as they stand, and by every spelling near theirs', () => {
    using ids = new ScratchIds();
    ids.add(['New/Über.png', UUID]);
    ids.add(['B', 'b']);
    const find = (id: string): string | true | undefined => {
      const hit = ids.find(id);
      return hit === undefined ? undefined : (hit.nearEntry ?? true);
    };
    expect(find('New/Über.png')).toBe(true);
    expect(find('new%2F%C3%9Cber.png')).toBe('New/Über.png');
    expect(find(UUID)).toBe(true);
    expect(find(UUID.toUpperCase())).toBe(UUID);
    expect([find('b'), find('B')]).toEqual([true, true]);
    expect(find('%62')).toBe('B');
    expect(find('new')).toBeUndefined();
    expect(ids.count).toBe(4);
  });

  it('that are told twice count once, and more may be added once some were looked for', () => {
    using ids = new ScratchIds();
    ids.add(['a']);
    expect(ids.find('c')).toBeUndefined();
    ids.add(['a', 'c']);
    expect(ids.find('c')).toEqual({ nearEntry: undefined });
    expect(ids.count).toBe(2);
  });

  it('need not be IDs that could be sent', () => {
    using ids = new ScratchIds();
    ids.add(['variants', 'a/', '%']);
    expect(ids.find('Variants')).toEqual({ nearEntry: 'variants' });
  });

  it('are told apart by their file: one that only has the hash of another is not taken for it', () => {
    using ids = new ScratchIds(() => 0);
    ids.add(['a', 'B', UUID]);
    expect([ids.find('a'), ids.find('b'), ids.find(UUID)]).toEqual([
      { nearEntry: undefined },
      { nearEntry: 'B' },
      { nearEntry: undefined },
    ]);
    expect([ids.find('c'), ids.find(UUID.replace('0', '1'))]).toEqual([undefined, undefined]);
    ids.add(['B', 'c']);
    expect([ids.count, ids.find('c')]).toEqual([4, { nearEntry: undefined }]);
  });
});
