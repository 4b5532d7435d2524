import { describe, expect, it } from 'vitest';

import type { RatelimitView } from '../../../../src/pace/quota/ratelimit-headers.ts';
import { createToldQuotas, type ToldQuotas } from '../../../../src/pace/quota/told-quotas.ts';

const burst = (left: number): RatelimitView => ({ name: 'burst', quota: 10, windowMs: 1_000, left });
const hour = (left: number): RatelimitView => ({ name: 'hour', quota: 360, windowMs: 3_600_000, left });

function recorded(reserveShare = 0): { quotas: ToldQuotas; policies: RatelimitView[] } {
  const policies: RatelimitView[] = [];
  return { quotas: createToldQuotas(reserveShare, (view) => policies.push(view)), policies };
}

describe('quotas that are told', () => {
  it('hold nobody back before anything was told, or where an answer told nothing', () => {
    const { quotas, policies } = recorded(0.5);
    quotas.sent(0);
    expect(quotas.report([], 1, 0, 0)).toBe(false);
    expect([quotas.nextAtMs(0), quotas.ratePerSecond(0)]).toEqual([-Infinity, Infinity]);
    expect(policies).toEqual([]);
  });

  it('count by the tightest of them, whichever that is at the moment', () => {
    const { quotas } = recorded();
    expect(quotas.report([burst(10), hour(5)], 1, 0, 0)).toBe(true);
    for (let n = 0; n < 2; n++) {
      expect(quotas.nextAtMs(0)).toBe(-Infinity);
      quotas.sent(0);
    }
    expect(quotas.nextAtMs(0)).toBe(3_600_000);
    quotas.report([burst(0), hour(300)], 4, 0, 0);
    expect(quotas.nextAtMs(0)).toBe(1_000);
    quotas.report([burst(0), hour(0)], 5, 0, 0);
    expect(quotas.nextAtMs(0)).toBe(3_600_000);
  });

  it('give the slowest pace of all', () => {
    const { quotas } = recorded();
    quotas.report([hour(360), burst(10)], 1, 0, 0);
    expect(quotas.ratePerSecond(0)).toBeCloseTo(357 / 3_600, 6);
  });

  it('each keep the reserve', () => {
    const { quotas } = recorded(0.2);
    quotas.report([burst(10), hour(300)], 1, 0, 0);
    let count = 0;
    for (; quotas.nextAtMs(0) <= 0; count++) quotas.sent(0);
    expect(count).toBe(8);
  });

  it('are reported when they are told for the first time, and not again', () => {
    const { quotas, policies } = recorded();
    for (let n = 1; n <= 5; n++) quotas.report([burst(10 - n)], n, 0, n);
    quotas.report([hour(7), burst(4)], 6, 0, 6);
    expect(policies).toEqual([burst(9), hour(7)]);
  });

  it('that change are reported once more, and the old ones bar nobody any longer', () => {
    const { quotas, policies } = recorded();
    quotas.report([hour(0)], 1, 0, 0);
    expect(quotas.nextAtMs(0)).toBe(3_600_000);
    const wider = { ...hour(700), quota: 720 };
    const shorter = { ...wider, windowMs: 60_000 };
    for (const view of [wider, wider, shorter, shorter]) quotas.report([view], 2, 0, 10);
    expect(policies).toEqual([hour(0), wider, shorter]);
    expect(quotas.nextAtMs(10)).toBe(-Infinity);
  });

  it('that are no longer told still count until their window has ended', () => {
    const { quotas } = recorded();
    quotas.report([burst(0), hour(300)], 1, 0, 0);
    quotas.report([hour(299)], 2, 0, 10);
    expect(quotas.nextAtMs(10)).toBe(1_000);
    expect(quotas.nextAtMs(1_000)).toBeLessThanOrEqual(1_000);
  });

  it('are not changed by an answer that was overtaken', () => {
    const { quotas, policies } = recorded();
    quotas.report([hour(300)], 5, 0, 0);
    quotas.report([hour(299)], 7, 0, 10);
    quotas.report([hour(301)], 4, 0, 20);
    quotas.report([{ ...hour(0), quota: 720 }], 6, 0, 30);
    expect(policies).toEqual([hour(300)]);
    expect(quotas.nextAtMs(30)).toBe(-Infinity);
  });

  it('may be several under one name: each counts', () => {
    const { quotas, policies } = recorded();
    const [short, long] = [
      { ...burst(0), name: 'default' },
      { ...hour(300), name: 'default' },
    ];
    for (let n = 1; n <= 3; n++) quotas.report([short, long], n, 0, 0);
    expect(policies).toEqual([short, long]);
    expect(quotas.nextAtMs(0)).toBe(1_000);
    quotas.report(
      [
        { ...short, left: 10 },
        { ...long, left: 0 },
      ],
      4,
      0,
      0,
    );
    expect(quotas.nextAtMs(0)).toBe(3_600_000);
  });

  it('are forgotten a window after they were last told, while others are told', () => {
    const { quotas, policies } = recorded();
    quotas.report([burst(10), hour(360)], 1, 0, 0);
    quotas.report([hour(360)], 2, 0, 1_000);
    quotas.report([burst(10), hour(360)], 3, 0, 1_000);
    expect(policies).toEqual([burst(10), hour(360)]);
    quotas.report([hour(360)], 4, 0, 2_001);
    quotas.report([burst(10), hour(360)], 5, 0, 2_002);
    expect(policies).toEqual([burst(10), hour(360), burst(10)]);
  });

  it('are not forgotten where nothing at all is told', () => {
    const { quotas, policies } = recorded();
    quotas.report([burst(10), hour(0)], 1, 0, 0);
    expect(quotas.report([], 2, 0, 4_000_000)).toBe(false);
    quotas.report([burst(10), hour(0)], 3, 0, 4_000_001);
    expect(policies).toHaveLength(2);
  });

  it('are at most sixteen: a seventeenth is not heard, those known are', () => {
    const { quotas, policies } = recorded();
    const many = Array.from({ length: 1_000 }, (_, index) => ({ ...hour(300), name: `policy ${index}` }));
    expect(quotas.report(many, 1, 0, 0)).toBe(true);
    expect(policies.map(({ name }) => name)).toEqual(many.slice(0, 16).map(({ name }) => name));
    quotas.report([{ ...hour(0), name: 'policy 16' }], 2, 0, 10);
    expect(quotas.nextAtMs(10)).toBe(-Infinity);
    quotas.report([{ ...hour(0), name: 'policy 15' }], 3, 0, 20);
    expect(quotas.nextAtMs(20)).toBe(3_600_000);
    const changed = { ...hour(1), quota: 5, name: 'policy 0' };
    quotas.report([changed], 4, 0, 30);
    expect(policies.at(-1)).toEqual(changed);
  });
});
