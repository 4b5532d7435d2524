import { describe, expect, it } from 'vitest';

import { type Rate, requestsPerSecond, shareOfRate } from '../../../src/domain/rate.ts';
import * as fc from '../../support/fast-check.ts';

const rate = fc.record({
  kind: fc.constant('limited' as const),
  requests: fc.integer({ min: 1, max: 1_000_000 }),
  perMs: fc.integer({ min: 1, max: 24 * 86_400_000 }),
});
const shares = (rate: Rate, count: number): Rate[] => Array.from({ length: count }, (_, index) => shareOfRate(rate, index, count));

describe('a share of a rate', () => {
  it.each([
    [1_000, 3, [334, 333, 333]],
    [1_000, 4, [250, 250, 250, 250]],
    [5, 5, [1, 1, 1, 1, 1]],
    [7, 4, [2, 2, 2, 1]],
  ])('%i among %i are %j in the same window', (requests, count, parts) => {
    expect(shares({ kind: 'limited', requests, perMs: 300_000 }, count)).toEqual(
      parts.map((part) => ({ kind: 'limited', requests: part, perMs: 300_000 })),
    );
  });

  it('of no limit is no limit, and one process has it all', () => {
    expect(shareOfRate({ kind: 'unlimited' }, 3, 4)).toEqual({ kind: 'unlimited' });
    expect(shareOfRate({ kind: 'limited', requests: 7, perMs: 9 }, 0, 1)).toEqual({ kind: 'limited', requests: 7, perMs: 9 });
  });

  it('and all others add up to the rate ', () => {
    fc.assert(
      fc.property(rate, fc.integer({ min: 1, max: 200 }), (given, count) => {
        fc.pre(given.requests >= count);
        const parts = shares(given, count).map((share) =>
          share.kind === 'limited' && share.perMs === given.perMs ? share.requests : Number.NaN,
        );
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(given.requests);
        expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('requests a second', () => {
  it.each([
    [{ kind: 'limited', requests: 1_200, perMs: 300_000 }, 4],
    [{ kind: 'limited', requests: 200, perMs: 1_000 }, 200],
    [{ kind: 'limited', requests: 1, perMs: 86_400_000 }, 1 / 86_400],
    [{ kind: 'unlimited' }, Infinity],
  ] as const)('of %j are %d', (given, perSecond) => expect(requestsPerSecond(given)).toBe(perSecond));
});
