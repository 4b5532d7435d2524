/** Longer waits are cut to this. It is far longer than any useful `--give-up-after`. */
export const RETRY_AFTER_MS_MAX: number = 30 * 24 * 3_600_000;

/** A number from here on is a time (seconds since 1970; this one is in 2001), not a wait: it would be one of 31 years. */
const EPOCH_SECONDS_MIN = 1e9;

/** What an answer says of the time to wait, as it was received. */
export interface ToldWait {
  /** The header; several of them joined by commas. */
  readonly retryAfter: string | undefined;
  /** The answer's own `Date`. */
  readonly date: string | undefined;
  /** `retry_after` of an edge error in JSON. */
  readonly inBody: string | undefined;
}

/**
 * How long an answer asks to wait: the longest of all it says, in header or body. What is nonsense says nothing.
 *
 * A date is compared with the answer's own `Date`, so that a wrong local clock does no harm; `nowWallMs` stands in where there is none.
 *
 * @param nowWallMs - milliseconds since 1970
 * @returns milliseconds from now in [0, {@link RETRY_AFTER_MS_MAX}], or `undefined` where the answer does not say
 */
export function toldWaitMs({ retryAfter, date, inBody }: ToldWait, nowWallMs: number): number | undefined {
  // Nearly every answer ends here.
  if (retryAfter === undefined && inBody === undefined) return undefined;
  const serverNowMs = httpDateMs(date ?? '') ?? nowWallMs;
  return longest([parseRetryAfterMs(retryAfter, serverNowMs), parseRetryAfterMs(inBody, serverNowMs)]);
}

/**
 * Reads a `Retry-After`, or a list of them: seconds, whole or fractional; seconds since 1970; an HTTP date.
 *
 * @param nowWallMs - the server's time, in milliseconds since 1970
 * @returns the longest, in milliseconds from now in [0, {@link RETRY_AFTER_MS_MAX}], or `undefined` where the text says none
 */
export function parseRetryAfterMs(text: string | undefined, nowWallMs: number): number | undefined {
  return longest(itemsOf(text ?? '').map((item) => secondsMs(item, nowWallMs) ?? dateMs(item, nowWallMs)));
}

function longest(waits: readonly (number | undefined)[]): number | undefined {
  const told = waits.filter((ms) => ms !== undefined);
  return told.length === 0 ? undefined : told.reduce((one, other) => Math.max(one, other));
}

/** The items of a list. A date has a comma after its day, so the day and what follows it are one item. */
function itemsOf(text: string): readonly string[] {
  const items: string[] = [];
  let day: string | undefined;
  for (const part of text.split(',').map((item) => item.trim())) {
    items.push(day === undefined ? part : `${day}, ${part}`);
    // A day with no date behind it is nonsense, and must not take a good item with it.
    if (day !== undefined && httpDateMs(`${day}, ${part}`) === undefined) items.push(part);
    day = /^[A-Z][a-z]{2,8}$/.test(part) ? part : undefined;
  }
  return items;
}

function secondsMs(item: string, nowWallMs: number): number | undefined {
  if (!/^\d+(\.\d+)?$/.test(item)) return undefined;
  const seconds = Number(item);
  return bounded(seconds * 1_000 - (seconds < EPOCH_SECONDS_MIN ? 0 : nowWallMs));
}

function dateMs(item: string, nowWallMs: number): number | undefined {
  const atMs = httpDateMs(item);
  return atMs === undefined ? undefined : bounded(atMs - nowWallMs);
}

/** Milliseconds since 1970 of an HTTP date in any of its three forms; `undefined` where it is none. */
function httpDateMs(text: string): number | undefined {
  const date = text.trim();
  // `Date.parse` also accepts `-5`, `1/1` and `Tue, 3` as dates.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? [\w :-]{1,30}$/.test(date) || !/ \d\d:\d\d:\d\d\b/.test(date)) return undefined;
  // An HTTP date is GMT, even in its oldest form, which does not say so; `Date.parse` would read that as local time.
  const atMs = Date.parse(date.endsWith('GMT') ? date : `${date} GMT`);
  return Number.isNaN(atMs) ? undefined : atMs;
}

function bounded(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), RETRY_AFTER_MS_MAX);
}
