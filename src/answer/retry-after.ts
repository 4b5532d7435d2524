/** No wait that a server names is believed to be longer; it is far beyond any `--give-up-after` worth giving. */
export const RETRY_AFTER_MS_MAX: number = 30 * 24 * 3_600_000;

/**
 * Reads a `Retry-After`: whole seconds or an HTTP date.
 *
 * @param nowWallMs - milliseconds since 1970
 * @returns milliseconds from now in [0, {@link RETRY_AFTER_MS_MAX}], or `undefined` where the text says neither
 */
export function parseRetryAfterMs(text: string | undefined, nowWallMs: number): number | undefined {
  const value = text?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return bounded(Number(value) * 1000);
  // Only what begins like a day's name: `Date.parse` also takes `-5` and `1/1` for dates.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(value)) return undefined;
  // An HTTP date is GMT whether it says so (as all but its oldest form do) or not; `Date.parse` would take local time.
  const atMs = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(atMs) ? undefined : bounded(atMs - nowWallMs);
}

function bounded(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), RETRY_AFTER_MS_MAX);
}
