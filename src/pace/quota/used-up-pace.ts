import { type Rate, requestsPerSecond } from '../../domain/rate.ts';

/**
 * The pace of a lane whose quota was used up: a block, or nothing left. Each one costs the account minutes, so it is believed at once
 * (docs/decisions/10). Pure, on given monotonic times.
 */
export interface UsedUpPace {
  /** Requests a second; `Infinity` if unlimited. */
  perSecond(): number;
  /** It is slower than the full pace. */
  readonly isSlowed: boolean;
  /**
   * The quota is used up.
   *
   * @param pausedUntilMs - the block's end
   * @param recentPerSecond - what the lane has actually sent: in its last window, or in the last second if it has no window
   */
  usedUp(nowMs: number, pausedUntilMs: number, recentPerSecond: number): void;
  /** Any answer but a 429 to a request sent since: the lane may speed up again. */
  answered(nowMs: number): void;
}

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
/** Met with less than this share of what was sent the last time, it is another limit. */
const SAME_LIMIT_SHARE = 0.85;
/** The longest wait before a climb, in spans. */
const HOLD_SPANS_MAX = 128;
/** A lane without a rate is unlimited again once it has climbed to this multiple of what it did when it was throttled. */
const FREE_AGAIN_FACTOR = 3;

export function createUsedUpPace(rate: Rate): UsedUpPace {
  return new ClimbingPace(rate);
}

/** A span is as long as the rate's own window, but at least a few seconds. */
export function spanMsOf(rate: Rate): number {
  return rate.kind === 'unlimited' ? SPAN_MS_MIN : Math.max(rate.perMs, SPAN_MS_MIN);
}

class ClimbingPace implements UsedUpPace {
  readonly #fullRate: number;
  readonly #spanMs: number;
  /** Full rate of the moment: the given one, or for an unlimited lane what it did when it was throttled. */
  #base: number;
  #factor = 1;
  #holdMs: number;
  /** From then on the lane climbs; `Infinity` where there is nothing to climb back. */
  #climbsFromMs = Infinity;
  #isClimbing = false;
  #climbedToMs = -Infinity;
  /** What was sent when the limit was last met. */
  #metAtPerSecond = 0;
  /** A level at which a whole hold went by without a 429. */
  #lastingFactor: number | undefined;

  constructor(rate: Rate) {
    this.#fullRate = requestsPerSecond(rate);
    this.#base = this.#fullRate;
    this.#spanMs = spanMsOf(rate);
    this.#holdMs = this.#spanMs;
  }

  get isSlowed(): boolean {
    return this.#climbsFromMs !== Infinity;
  }

  perSecond(): number {
    return this.#base * this.#factor;
  }

  usedUp(nowMs: number, pausedUntilMs: number, recentPerSecond: number): void {
    if (this.#base === Infinity) this.#base = Math.max(recentPerSecond, 1);
    const soonMs = Math.max(this.#holdMs, this.#spanMs * SOON_SPANS);
    const isAfterClimb = this.#isClimbing || nowMs - this.#climbedToMs < soonMs;
    this.#factor = Math.max(this.#slowerFactor(recentPerSecond, isAfterClimb), FACTOR_MIN);
    this.#holdAgain(isAfterClimb, recentPerSecond, pausedUntilMs);
  }

  answered(nowMs: number): void {
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

  /**
   * A 429 during a climb, or soon after it, says that the limit is below; one long after says nothing about it. The hold grows only as
   * the same limit is met again and again: one that wanders is no limit.
   */
  #holdAgain(isAfterClimb: boolean, recentPerSecond: number, pausedUntilMs: number): void {
    const isSoon = isAfterClimb || this.#climbsFromMs !== Infinity;
    const isSameLimit = recentPerSecond >= this.#metAtPerSecond * SAME_LIMIT_SHARE;
    this.#metAtPerSecond = recentPerSecond;
    this.#isClimbing = false;
    this.#holdMs = isSoon && isSameLimit ? Math.min(this.#holdMs * HOLD_GROWTH, this.#spanMs * HOLD_SPANS_MAX) : this.#spanMs;
    this.#climbsFromMs = pausedUntilMs + this.#holdMs;
  }
}
