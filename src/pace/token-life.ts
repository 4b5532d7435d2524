/** A token is renewed when this share of its life is over, but no longer than this before its end. */
const RENEW_AT_SHARE = 0.8;
const RENEW_AHEAD_MS_MAX = 300_000;
/** Where the API gave the same token again, or none yet, it is asked again after this share of its life. */
const AGAIN_SHARE = 0.05;
const AGAIN_MS_MIN = 1_000;
const AGAIN_MS_MAX = 60_000;
const AGAIN_MS_UNKNOWN = 60_000;

/**
 * When a new token is to be asked for, ahead of the old one's end.
 *
 * @param lifetimeMs - `undefined` where the API did not say: then only a refusal renews it
 * @returns milliseconds from its issue
 */
export function renewAfterMs(lifetimeMs: number | undefined): number | undefined {
  if (lifetimeMs === undefined) return undefined;
  return Math.max(lifetimeMs * RENEW_AT_SHARE, lifetimeMs - RENEW_AHEAD_MS_MAX);
}

/** When to ask once more after a renewal ahead of time brought nothing new; in milliseconds from then. */
export function renewAgainAfterMs(lifetimeMs: number | undefined): number {
  return lifetimeMs === undefined ? AGAIN_MS_UNKNOWN : Math.min(Math.max(lifetimeMs * AGAIN_SHARE, AGAIN_MS_MIN), AGAIN_MS_MAX);
}
