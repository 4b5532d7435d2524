import { type Rate, requestsPerSecond } from '../../domain/rate.ts';

export interface Pause {
  /** This 429 began the pause or made it noticeably longer: worth telling people. */
  readonly isNews: boolean;
  /** How long the lane pauses from now. */
  readonly waitMs: number;
}

/** A lane's throttling: pure decisions on given times (monotonic milliseconds). */
export interface Throttle {
  /** Requests a second that the lane allows now; `Infinity` if unlimited. */
  ratePerSecond(): number;
  /** Counts pauses; a request remembers the count it was sent under. */
  readonly pauseCount: number;
  /** How long the lane is still paused, in milliseconds; 0 if it is not. */
  pausedForMs(nowMs: number): number;
  /**
   * A 429 has arrived.
   *
   * @param sentUnder - `pauseCount` when its request was sent: one sent before the pause began belongs to the same event
   * @param recentPerSecond - what the lane has actually sent: in its last window, or in the last second if it has no window
   */
  throttled(nowMs: number, retryAfterMs: number | undefined, sentUnder: number, recentPerSecond: number): Pause;
  /** Any answer but a 429. One to a request sent before the last pause says nothing about the time after it. */
  answered(sentUnder: number, nowMs: number): void;
}

/** Even `Retry-After: 0` means that something was exceeded. */
const PAUSE_MS_MIN = 250;
/** The first pause after a 429 without `Retry-After`; each further one is twice as long. */
const BACKOFF_MS_FIRST = 1_000;
/** The longest pause without `Retry-After`: as long as the API's own block. */
const BACKOFF_MS_MAX = 300_000;
/** A 429 slows the lane by a quarter at most: enough where the rate was right and another program used the quota too. */
const SLOWER = 0.75;
/** Where more than that was sent in the window that ended with the 429, the limit is taken to be just below what was sent. */
const BELOW_LIMIT = 0.985;
/**
 * For this many spans after a climb, a 429 is a result of the climb: a token bucket that was full lets more than its rate
 * through for a while.
 */
const SOON_SPANS = 12;
/** The slowdown after a 429 at a level that was thought safe: what was learnt was wrong. */
const BELOW_HELD = 0.9;
const FACTOR_MIN = 0.05;
/** A slower rate is kept for one span. Then the lane climbs by this share of its full rate in each span. */
const CLIMB_PER_SPAN = 0.2;
/** A span is as long as the rate's own window, but at least this long. */
const SPAN_MS_MIN = 5_000;
/** A lane throttled again during a climb waits this many times longer before it climbs again. */
const HOLD_GROWTH = 3;
/** The longest wait before a climb, in spans. */
const HOLD_SPANS_MAX = 128;
/** A lane without a rate is unlimited again once it has climbed to this multiple of what it did when it was throttled. */
const FREE_AGAIN_FACTOR = 3;
/** A pause that grows by less is not reported again. */
const NEWS_MS_MIN = 1_000;

export function createThrottle(rate: Rate, random: () => number): Throttle {
  return new LaneThrottle(rate, random);
}

class LaneThrottle implements Throttle {
  readonly #random: () => number;
  readonly #fullRate: number;
  readonly #spanMs: number;
  /** Full rate of the moment: the given one, or for an unlimited lane what it did when it was throttled. */
  #base: number;
  #factor = 1;
  #pauseCount = 0;
  #pausedUntilMs = -Infinity;
  #backoffMs = BACKOFF_MS_FIRST;
  #holdMs: number;
  /** From then on the lane climbs; `Infinity` where there is nothing to climb back. */
  #climbsFromMs = Infinity;
  #isClimbing = false;
  #climbedToMs = -Infinity;
  /** A level at which a whole hold went by without a 429. */
  #lastingFactor: number | undefined;

  constructor(rate: Rate, random: () => number) {
    this.#random = random;
    this.#fullRate = requestsPerSecond(rate);
    this.#base = this.#fullRate;
    this.#spanMs = rate.kind === 'unlimited' ? SPAN_MS_MIN : Math.max(rate.perMs, SPAN_MS_MIN);
    this.#holdMs = this.#spanMs;
  }

  get pauseCount(): number {
    return this.#pauseCount;
  }

  ratePerSecond(): number {
    return this.#base * this.#factor;
  }

  pausedForMs(nowMs: number): number {
    return Math.max(this.#pausedUntilMs - nowMs, 0);
  }

  throttled(nowMs: number, retryAfterMs: number | undefined, sentUnder: number, recentPerSecond: number): Pause {
    if (sentUnder < this.#pauseCount) return this.#prolong(nowMs, retryAfterMs);
    this.#pauseCount++;
    // A late answer of the event before may have asked for a longer pause already.
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + this.#pauseMs(retryAfterMs));
    if (this.#base === Infinity) this.#base = Math.max(recentPerSecond, 1);
    const soonMs = Math.max(this.#holdMs, this.#spanMs * SOON_SPANS);
    const isAfterClimb = this.#isClimbing || nowMs - this.#climbedToMs < soonMs;
    this.#factor = Math.max(this.#slowerFactor(recentPerSecond, isAfterClimb), FACTOR_MIN);
    this.#holdAgain(isAfterClimb);
    return { isNews: true, waitMs: this.#pausedUntilMs - nowMs };
  }

  answered(sentUnder: number, nowMs: number): void {
    if (sentUnder < this.#pauseCount) return;
    this.#backoffMs = BACKOFF_MS_FIRST;
    this.#climb(nowMs);
  }

  #prolong(nowMs: number, retryAfterMs: number | undefined): Pause {
    const untilMs = nowMs + (retryAfterMs ?? 0);
    const isNews = untilMs > this.#pausedUntilMs + NEWS_MS_MIN;
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
    return { isNews, waitMs: this.pausedForMs(nowMs) };
  }

  #pauseMs(retryAfterMs: number | undefined): number {
    if (retryAfterMs !== undefined) return Math.max(retryAfterMs, PAUSE_MS_MIN);
    // Half of it fixed, half jittered, so that it always grows.
    const waitMs = Math.round(this.#backoffMs * (0.5 + 0.5 * this.#random()));
    this.#backoffMs = Math.min(this.#backoffMs * 2, BACKOFF_MS_MAX);
    return Math.max(waitMs, PAUSE_MS_MIN);
  }

  #slowerFactor(recentPerSecond: number, isAfterClimb: boolean): number {
    const factor = this.#factor;
    const learnt = this.#fullRate === Infinity ? 0 : (recentPerSecond * BELOW_LIMIT) / this.#base;
    if (this.#lastingFactor !== undefined && this.#lastingFactor < factor) {
      // What was learnt lies between the level that lasted and the one that did not; where it fails, the level that lasted will last again.
      return Math.max(this.#lastingFactor, Math.min(learnt, factor * (isAfterClimb ? BELOW_LIMIT : BELOW_HELD)));
    }
    this.#lastingFactor = undefined;
    return Math.max(factor * SLOWER, Math.min(learnt, factor * (this.#climbsFromMs === Infinity ? BELOW_LIMIT : BELOW_HELD)));
  }

  /** A 429 during a climb, or soon after it, says that the limit is below; one long after says nothing about it. */
  #holdAgain(isAfterClimb: boolean): void {
    const isSoon = isAfterClimb || this.#climbsFromMs !== Infinity;
    this.#isClimbing = false;
    this.#holdMs = isSoon ? Math.min(this.#holdMs * HOLD_GROWTH, this.#spanMs * HOLD_SPANS_MAX) : this.#spanMs;
    this.#climbsFromMs = this.#pausedUntilMs + this.#holdMs;
  }

  #climb(nowMs: number): void {
    if (nowMs < this.#climbsFromMs) return;
    if (!this.#isClimbing) this.#lastingFactor = this.#factor;
    this.#isClimbing = true;
    this.#factor += ((nowMs - this.#climbsFromMs) / this.#spanMs) * CLIMB_PER_SPAN;
    this.#climbsFromMs = nowMs;
    const isUnlimited = this.#fullRate === Infinity;
    if (this.#factor < (isUnlimited ? FREE_AGAIN_FACTOR : 1)) return;
    if (isUnlimited) this.#base = Infinity;
    this.#factor = 1;
    this.#isClimbing = false;
    this.#climbsFromMs = Infinity;
    this.#climbedToMs = nowMs;
  }
}
