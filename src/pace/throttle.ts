import { type Rate, requestsPerSecond } from '../domain/rate.ts';

/** A lane's throttling as pure decisions on given times (monotonic milliseconds). */
export interface Throttle {
  /** Requests a second the lane allows itself now; `Infinity` where unlimited. */
  ratePerSecond(): number;
  /** Counts pauses; a request remembers the count it was sent under. */
  readonly pauseCount: number;
  /** Milliseconds the lane still stands still, 0 where it does not. */
  pausedForMs(nowMs: number): number;
  /**
   * A 429 has arrived.
   *
   * @param sentUnder - `pauseCount` when its request was sent: one sent before the pause began belongs to the same event
   * @param recentPerSecond - what the lane really sent of late, for lanes without a rate of their own
   */
  throttled(nowMs: number, retryAfterMs: number | undefined, sentUnder: number, recentPerSecond: number): { readonly isNews: boolean; readonly waitMs: number };
  /** An answer that is no 429; one to a request sent before the last pause says nothing about what came after it. */
  answered(sentUnder: number): void;
}

/** Even `Retry-After: 0` means that something was exceeded. */
const PAUSE_MS_MIN = 250;
/** Without a `Retry-After`: doubling from here… */
const BACKOFF_MS_FIRST = 1_000;
/** …up to the length of the API's own block. */
const BACKOFF_MS_MAX = 300_000;
/** Multiplicative down: a quarter less is enough where the rate was right and somebody else used the quota too. */
const SLOWER = 0.75;
/** Additive up: this share of the full rate for each second's worth of answers, so a pause is made good in about 15 s. */
const FASTER_PER_SECOND = 0.02;
const FACTOR_MIN = 0.05;
/** A lane without a rate is let go again once it has climbed to this multiple of what it did when it was throttled. */
const FREE_AGAIN_FACTOR = 3;
/** A pause prolonged by less is not worth telling again. */
const NEWS_MS_MIN = 1_000;

export function createThrottle(rate: Rate, random: () => number): Throttle {
  const fullRate = requestsPerSecond(rate);
  /** Full rate of the moment: the given one, or for an unlimited lane what it did when it was throttled. */
  let base = fullRate;
  let factor = 1;
  let pauseCount = 0;
  let pausedUntilMs = -Infinity;
  let backoffMs = BACKOFF_MS_FIRST;

  function waitFor(retryAfterMs: number | undefined): number {
    if (retryAfterMs !== undefined) return Math.max(retryAfterMs, PAUSE_MS_MIN);
    // Half of it fixed, half jittered, so that it always grows.
    const waitMs = Math.round(backoffMs * (0.5 + 0.5 * random()));
    backoffMs = Math.min(backoffMs * 2, BACKOFF_MS_MAX);
    return Math.max(waitMs, PAUSE_MS_MIN);
  }

  return {
    ratePerSecond: () => base * factor,
    get pauseCount() {
      return pauseCount;
    },
    pausedForMs: (nowMs) => Math.max(pausedUntilMs - nowMs, 0),
    throttled(nowMs, retryAfterMs, sentUnder, recentPerSecond) {
      if (sentUnder < pauseCount) {
        const untilMs = nowMs + (retryAfterMs ?? 0);
        const isNews = untilMs > pausedUntilMs + NEWS_MS_MIN;
        pausedUntilMs = Math.max(pausedUntilMs, untilMs);
        return { isNews, waitMs: Math.max(pausedUntilMs - nowMs, 0) };
      }
      pauseCount++;
      // A straggler of the event before may have asked for a longer pause already.
      pausedUntilMs = Math.max(pausedUntilMs, nowMs + waitFor(retryAfterMs));
      if (base === Infinity) base = Math.max(recentPerSecond, 1);
      factor = Math.max(factor * SLOWER, FACTOR_MIN);
      return { isNews: true, waitMs: pausedUntilMs - nowMs };
    },
    answered(sentUnder) {
      if (sentUnder < pauseCount) return;
      backoffMs = BACKOFF_MS_FIRST;
      if (base === Infinity || (factor >= 1 && fullRate !== Infinity)) return;
      factor += FASTER_PER_SECOND / Math.max(base * factor, 1);
      if (fullRate !== Infinity) factor = Math.min(factor, 1);
      else if (factor >= FREE_AGAIN_FACTOR) {
        base = Infinity;
        factor = 1;
      }
    },
  };
}
