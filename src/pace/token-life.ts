/** A token is renewed when this share of its lifetime has passed, but at most this long before it expires. */
const RENEW_AT_SHARE = 0.8;
const RENEW_AHEAD_MS_MAX = 300_000;
/** If the API gave the same token again, or none yet, it is asked again after this share of the token's lifetime. */
const AGAIN_SHARE = 0.05;
const AGAIN_MS_MIN = 1_000;
const AGAIN_MS_MAX = 60_000;
const AGAIN_MS_UNKNOWN = 60_000;

/**
 * When to ask for a new token, before the old one expires.
 *
 * @param lifetimeMs - `undefined` if the API did not say; then only a refusal renews it
 * @returns milliseconds from its issue
 */
export function renewAfterMs(lifetimeMs: number | undefined): number | undefined {
  if (lifetimeMs === undefined) return undefined;
  return Math.max(lifetimeMs * RENEW_AT_SHARE, lifetimeMs - RENEW_AHEAD_MS_MAX);
}

/** How long to wait before asking again, after an early renewal brought nothing new; in milliseconds. */
export function renewAgainAfterMs(lifetimeMs: number | undefined): number {
  return lifetimeMs === undefined ? AGAIN_MS_UNKNOWN : Math.min(Math.max(lifetimeMs * AGAIN_SHARE, AGAIN_MS_MIN), AGAIN_MS_MAX);
}
