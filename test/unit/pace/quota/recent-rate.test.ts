import { describe, expect, it } from 'vitest';

import { createRecentRate, type RecentRate } from '../../../../src/pace/quota/recent-rate.ts';

function added(count: number, atMs: number, to: RecentRate = createRecentRate()): RecentRate {
  for (let n = 0; n < count; n++) to.add(atMs);
  return to;
}

describe('what was sent of late', () => {
  it('is nothing before anything was sent', () => expect(createRecentRate().perSecond(5_000)).toBe(0));

  it('is what was counted in the running second, or in the one before it where that was more', () => {
    const recent = added(3, 5_000);
    expect([recent.perSecond(5_000), recent.perSecond(5_999)]).toEqual([3, 3]);
    added(5, 6_000, recent);
    expect(recent.perSecond(6_999)).toBe(5);
    added(1, 7_000, recent);
    expect(recent.perSecond(7_999)).toBe(5);
    expect(recent.perSecond(8_000)).toBe(1);
  });

  it('is forgotten after two seconds without any', () => {
    expect(added(3, 5_000).perSecond(6_999)).toBe(3);
    expect(added(3, 5_000).perSecond(7_000)).toBe(0);
  });
});
