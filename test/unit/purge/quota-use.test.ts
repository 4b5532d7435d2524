import { describe, expect, it } from 'vitest';

import type { PaceOptions } from '../../../src/run/run-options.ts';
import { quotaUse } from '../../../src/run/quota-use.ts';
import { NO_RUN } from '../../support/ledger/checkpoint.ts';

const PACE = { rate: { kind: 'limited', requests: 1_000, perMs: 300_000 }, batchTokenCount: 0, quotaRedisUrl: undefined } as PaceOptions;
const RUN = { ...NO_RUN, requests: 190, elapsedMs: 60_000 };

describe('how much of the quota a run has used', () => {
  it('is its requests in those that the rate allowed in its time, over all lanes', () => {
    expect(quotaUse(PACE, RUN)).toEqual({ batchLaneCount: 0, usedShare: 0.95 });
    expect(quotaUse({ ...PACE, batchTokenCount: 2 }, RUN)).toEqual({ batchLaneCount: 2, usedShare: 0.475 });
  });

  it('is not said of short runs, without a rate, or where others use the quota too', () => {
    expect(quotaUse(PACE, { ...RUN, elapsedMs: 9_999 })).toBeUndefined();
    expect(quotaUse({ ...PACE, rate: { kind: 'unlimited' } }, RUN)).toBeUndefined();
    expect(quotaUse({ ...PACE, quotaRedisUrl: 'redis://127.0.0.1' }, RUN)).toBeUndefined();
  });
});
