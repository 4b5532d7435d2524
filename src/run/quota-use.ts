import { requestsPerSecond } from '../domain/rate.ts';
import type { RunCounts } from '../domain/summary.ts';
import type { PaceOptions } from './run-options.ts';

/** How much of what it was allowed a run has used. */
export interface QuotaUse {
  /** Batch tokens, or 0 where the account's own quota was used. */
  readonly batchLaneCount: number;
  /** Requests sent ÷ requests that the rate allowed in the time, in [0, 1]. */
  readonly usedShare: number;
}

/** In a shorter run, starting up takes too large a part of the time. */
const ELAPSED_MS_MIN = 10_000;

/** `undefined` where nothing can be said: no rate, a short run, or a quota that others use too. */
export function quotaUse({ rate, batchTokenCount, quotaRedisUrl }: PaceOptions, { requests, elapsedMs }: RunCounts): QuotaUse | undefined {
  if (rate.kind === 'unlimited' || quotaRedisUrl !== undefined || elapsedMs < ELAPSED_MS_MIN) return undefined;
  const allowed = (requestsPerSecond(rate) * Math.max(batchTokenCount, 1) * elapsedMs) / 1000;
  return { batchLaneCount: batchTokenCount, usedShare: Math.min(requests / allowed, 1) };
}
