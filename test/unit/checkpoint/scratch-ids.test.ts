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

  it('are told apart by their file: one that only shares a place in the table with others is not taken for one of them', () => {
    using ids = new ScratchIds(() => 7);
    const idOf = (number: number): string => `photo-${number}`;
    const count = 300;
    ids.add(Array.from({ length: count }, (_, number) => idOf(number)));
    const others = Array.from({ length: count }, (_, number) => idOf(count + number));
    expect(others.filter((id) => ids.find(id) !== undefined)).toEqual([]);
    expect(Array.from({ length: count }, (_, number) => idOf(number)).filter((id) => ids.find(id) === undefined)).toEqual([]);
  });
});
