import { type Rate, requestsPerSecond } from '../../domain/rate.ts';

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
   * @param recentPerSecond - what the lane really sent of late: over its own window, or over the last second where it has none
   */
  throttled(
    nowMs: number,
    retryAfterMs: number | undefined,
    sentUnder: number,
    recentPerSecond: number,
  ): { readonly isNews: boolean; readonly waitMs: number };
  /** An answer that is no 429; one to a request sent before the last pause says nothing about what came after it. */
  answered(sentUnder: number, nowMs: number): void;
}

/** Even `Retry-After: 0` means that something was exceeded. */
const PAUSE_MS_MIN = 250;
/** Without a `Retry-After`: doubling from here… */
const BACKOFF_MS_FIRST = 1_000;
/** …up to the length of the API's own block. */
const BACKOFF_MS_MAX = 300_000;
/** Multiplicative down, by a quarter at most: enough where the rate was right and somebody else used the quota too… */
const SLOWER = 0.75;
/** …and less where more than that was sent in the window that ended with the 429: just under it is the limit. */
const BELOW_LIMIT = 0.985;
/** A 429 so many spans after a climb still speaks of it: a bucket that was full lets more than its rate through for a while. */
const SOON_SPANS = 12;
/** A 429 at a level that was to hold: what was learnt was wrong. */
const BELOW_HELD = 0.9;
const FACTOR_MIN = 0.05;
/** What is learnt holds for one span, then the lane climbs by this share of its full rate in each span. */
const CLIMB_PER_SPAN = 0.2;
/** A span is the rate's own window, but not less. */
const SPAN_MS_MIN = 5_000;
/** Throttled again while it climbs, a lane waits so many times longer before it tries once more… */
const HOLD_GROWTH = 3;
/** …up to so many spans. */
const HOLD_SPANS_MAX = 128;
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
  const spanMs = rate.kind === 'unlimited' ? SPAN_MS_MIN : Math.max(rate.perMs, SPAN_MS_MIN);
  let holdMs = spanMs;
  /** From then on the lane climbs; `Infinity` where there is nothing to climb back. */
  let climbsFromMs = Infinity;
  let isClimbing = false;
  let climbedToMs = -Infinity;
  /** A level at which a whole hold went by without a 429. */
  let lastingFactor: number | undefined;

  /** A 429 while it climbs, or soon after, says that the limit lies below; one long after says nothing about it. */
  function holdAgain(untilMs: number, isAfterClimb: boolean): void {
    const isSoon = isAfterClimb || climbsFromMs !== Infinity;
    isClimbing = false;
    holdMs = isSoon ? Math.min(holdMs * HOLD_GROWTH, spanMs * HOLD_SPANS_MAX) : spanMs;
    climbsFromMs = untilMs + holdMs;
  }

  function slowerFactor(recentPerSecond: number, isAfterClimb: boolean): number {
    const learnt = fullRate === Infinity ? 0 : (recentPerSecond * BELOW_LIMIT) / base;
    if (lastingFactor !== undefined && lastingFactor < factor) {
      // Between what lasted and what did not lies what was learnt; where that fails, what lasted will last again.
      return Math.max(lastingFactor, Math.min(learnt, factor * (isAfterClimb ? BELOW_LIMIT : BELOW_HELD)));
    }
    lastingFactor = undefined;
    return Math.max(factor * SLOWER, Math.min(learnt, factor * (climbsFromMs === Infinity ? BELOW_LIMIT : BELOW_HELD)));
  }

  function climb(nowMs: number): void {
    if (nowMs < climbsFromMs) return;
    if (!isClimbing) lastingFactor = factor;
    isClimbing = true;
    factor += ((nowMs - climbsFromMs) / spanMs) * CLIMB_PER_SPAN;
    climbsFromMs = nowMs;
    const isFree = fullRate === Infinity && factor >= FREE_AGAIN_FACTOR;
    if (isFree) base = Infinity;
    if (!isFree && (fullRate === Infinity || factor < 1)) return;
    factor = 1;
    isClimbing = false;
    climbsFromMs = Infinity;
    climbedToMs = nowMs;
  }

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
      const isAfterClimb = isClimbing || nowMs - climbedToMs < Math.max(holdMs, spanMs * SOON_SPANS);
      factor = Math.max(slowerFactor(recentPerSecond, isAfterClimb), FACTOR_MIN);
      holdAgain(pausedUntilMs, isAfterClimb);
      return { isNews: true, waitMs: pausedUntilMs - nowMs };
    },
    answered(sentUnder, nowMs) {
      if (sentUnder < pauseCount) return;
      backoffMs = BACKOFF_MS_FIRST;
      climb(nowMs);
    },
  };
}
