export interface RetryPolicy {
  readonly baseMs: number;
  readonly capMs: number;
}

/** While the API does not answer, one request at a time looks whether it is back, at intervals that double. */
export const PROBE_DELAY_MS_FIRST = 1_000;
export const PROBE_DELAY_MS_MAX = 60_000;

/** What is retried is not waited for longer, whatever its answer asks for: a 5xx knows little of when it will be over. */
export const RETRY_AFTER_MS_RETRIED_MAX = 300_000;

export const RETRY_POLICY: RetryPolicy = { baseMs: 250, capMs: 30_000 };

/**
 * Exponential backoff with full jitter: delays are spread over the whole interval, so that requests that failed together are
 * not repeated together.
 *
 * @param attempt - how many attempts have failed, from 1
 * @param random - in [0, 1)
 * @returns milliseconds in [0, capMs]
 */
export function retryDelayMs(attempt: number, random: () => number, policy: RetryPolicy = RETRY_POLICY): number {
  // The cap is reached long before 2^30; the bound keeps the power finite.
  const ceilingMs = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(random() * ceilingMs);
}

/**
 * How long to wait before a request that failed is repeated. What its answer asked for is the least; the jitter comes on top, so that
 * requests that failed together are not repeated together.
 *
 * @param attempt - how many attempts have failed, from 1
 * @param retryAfterMs - what the answer asked for; `undefined` where it did not say
 */
export function waitBeforeRetryMs(attempt: number, retryAfterMs: number | undefined, random: () => number): number {
  return (retryAfterMs ?? 0) + retryDelayMs(attempt, random);
}
