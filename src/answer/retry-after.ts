/** Longer waits are cut to this. It is far longer than any useful `--give-up-after`. */
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
  // Must begin with the name of a day: `Date.parse` also accepts `-5` and `1/1` as dates.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(value)) return undefined;
  // An HTTP date is GMT, even in its oldest form, which does not say so; `Date.parse` would read that as local time.
  const atMs = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(atMs) ? undefined : bounded(atMs - nowWallMs);
}

function bounded(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), RETRY_AFTER_MS_MAX);
}
