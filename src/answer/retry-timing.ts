export interface RetryPolicy {
  readonly baseMs: number;
  readonly capMs: number;
}

export const RETRY_POLICY: RetryPolicy = { baseMs: 250, capMs: 30_000 };

/**
 * Exponential backoff with full jitter: spread over the whole interval, so that what failed together is not tried again
 * together.
 *
 * @param attempt - how many tries have failed, from 1
 * @param random - in [0, 1)
 * @returns milliseconds in [0, capMs]
 */
export function retryDelayMs(attempt: number, random: () => number, policy: RetryPolicy = RETRY_POLICY): number {
  // Beyond 2^30 the cap has long been reached; the bound keeps the power finite.
  const ceilingMs = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(random() * ceilingMs);
}
