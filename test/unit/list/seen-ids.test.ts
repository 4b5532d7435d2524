import { describe, expect, it } from 'vitest';

import { RecentIds, SeenIds } from '../../../src/list/seen-ids.ts';

const idsOf = (from: number, count: number): string[] => Array.from({ length: count }, (_, index) => `image-${from + index}`);

describe('IDs that were met before', () => {
  it('are told from new ones, all of them', () => {
    const seen = new SeenIds();
    expect(idsOf(0, 20_000).every((id) => seen.add(id))).toBe(true);
    expect(idsOf(0, 20_000).some((id) => seen.add(id) || !seen.has(id))).toBe(false);
    expect(idsOf(20_000, 1_000).some((id) => seen.has(id))).toBe(false);
    expect(seen.count).toBe(20_000);
  });

  it('are told from new ones for so many back, whatever came before', () => {
    const seen = new RecentIds(1_000);
    expect(idsOf(0, 5_500).every((id) => seen.add(id))).toBe(true);
    expect(idsOf(4_500, 1_000).some((id) => seen.add(id))).toBe(false);
    expect(idsOf(0, 3_000).every((id) => seen.add(id))).toBe(true);
  });
});
