import { describe, expect, it } from 'vitest';

import { renewAfterMs, renewAgainAfterMs } from '../../../src/pace/token-life.ts';
import * as fc from '../../support/fast-check.ts';

const lifetime = fc.integer({ min: 1, max: 10 ** 12 });

describe('a batch token', () => {
  it.each([
    [1_000, 800],
    [600_000, 480_000],
    [1_500_000, 1_200_000],
    [3_600_000, 3_300_000],
    [86_400_000, 86_100_000],
  ])('that lives %i ms is renewed after %i ms', (lifetimeMs, afterMs) => expect(renewAfterMs(lifetimeMs)).toBe(afterMs));

  it('is renewed in the last fifth of its life and in its last five minutes, but before its end', () => {
    fc.assert(
      fc.property(lifetime, (lifetimeMs) => {
        const afterMs = renewAfterMs(lifetimeMs) ?? -1;
        expect(afterMs).toBeLessThan(lifetimeMs);
        expect(afterMs).toBeGreaterThanOrEqual(lifetimeMs * 0.8);
        expect(lifetimeMs - afterMs).toBeLessThanOrEqual(300_000);
      }),
    );
  });

  it('of unknown life is renewed by a refusal only', () => expect(renewAfterMs(undefined)).toBeUndefined());

  it.each([
    [1, 1_000],
    [20_000, 1_000],
    [100_000, 5_000],
    [1_200_000, 60_000],
    [86_400_000, 60_000],
    [undefined, 60_000],
  ])('that lives %s ms, asked for in vain, is asked for again after %i ms', (lifetimeMs, afterMs) =>
    expect(renewAgainAfterMs(lifetimeMs)).toBe(afterMs),
  );

  it('is asked for at least three times more before the old one ends, if that lives longer than a few seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20_000, max: 10 ** 12 }), (lifetimeMs) => {
        expect((renewAfterMs(lifetimeMs) ?? Infinity) + 3 * renewAgainAfterMs(lifetimeMs)).toBeLessThan(lifetimeMs);
      }),
    );
  });
});
