import { type Rate, requestsPerSecond } from '../../domain/rate.ts';
import type { ThrottleCause } from '../../domain/lane.ts';
import { createSpeedSearch, type SpeedSearch } from './speed-search.ts';
import { createThrottleEvidence, type ThrottleEvidence, type Verdict } from './throttle-evidence.ts';
import { createUsedUpPace, spanMsOf, type UsedUpPace } from './used-up-pace.ts';

export interface Pause {
  /** This 429 began the pause or made it noticeably longer, and is not one of many that come at random: worth telling people. */
  readonly isNews: boolean;
  /** How long the lane pauses from now, in whole milliseconds. */
  readonly waitMs: number;
}

/** A 429, and the request that it answers. */
export interface ThrottledAnswer {
  readonly retryAfterMs: number | undefined;
  /** `pauseCount` when its request was sent: one sent before the pause began belongs to the same event. */
  readonly sentUnder: number;
  /** What the lane has actually sent: in its last window, or in the last second if it has no window. */
  readonly recentPerSecond: number;
  /** What it said is left of the quota; `undefined` where it said nothing. */
  readonly left: number | undefined;
}

/** A lane's throttling: pure decisions on given times (monotonic milliseconds). */
export interface Throttle {
  /** Requests a second that the lane allows now; `Infinity` if unlimited. */
  ratePerSecond(): number;
  /** Why it is throttled, as far as is known; `none` where it has not been for a while. */
  cause(nowMs: number): ThrottleCause;
  /** Counts pauses; a request remembers the count it was sent under. */
  readonly pauseCount: number;
  /** How long the lane is still paused, in milliseconds; 0 if it is not. */
  pausedForMs(nowMs: number): number;
  /** A 429 has arrived. */
  throttled(nowMs: number, answer: ThrottledAnswer): Pause;
  /** Any answer but a 429. One to a request sent before the last pause says nothing about the time after it. */
  answered(sentUnder: number, nowMs: number): void;
}

/** Even `Retry-After: 0` means that something was exceeded. */
const PAUSE_MS_MIN = 250;
/** The first pause after a 429 without `Retry-After`; each further one is twice as long. */
const BACKOFF_MS_FIRST = 1_000;
/** The longest pause without `Retry-After`: as long as the API's own block. */
const BACKOFF_MS_MAX = 300_000;
/** So many pauses in a row after which nothing was let through: the waits that were told are too short. */
const TOO_SOON_MIN = 3;
/** A pause that grows by less is not reported again. */
const NEWS_MS_MIN = 1_000;
/** A lane that was not throttled for so long is not called throttled. */
const CAUSE_LASTS_MS = 300_000;
/** Pauses at random are reported again after so long. */
const RANDOM_NEWS_MS = 300_000;

export function createThrottle(rate: Rate, random: () => number): Throttle {
  return new LaneThrottle(rate, random);
}

/** Pauses as it is told, and leaves to two others what the pace is: to one for blocks, to one for short waits. */
class LaneThrottle implements Throttle {
  readonly #random: () => number;
  readonly #usedUp: UsedUpPace;
  readonly #evidence: ThrottleEvidence;
  readonly #search: SpeedSearch;
  #pauseCount = 0;
  #pausedUntilMs = -Infinity;
  #backoffMs = BACKOFF_MS_FIRST;
  /** When the first answer came. */
  #startedMs: number | undefined;
  #tooSoonCount = 0;
  #toldCause: ThrottleCause = 'none';
  #toldAtMs = -Infinity;

  constructor(rate: Rate, random: () => number) {
    this.#random = random;
    this.#usedUp = createUsedUpPace(rate);
    this.#evidence = createThrottleEvidence(rate.kind === 'unlimited' ? 0 : rate.perMs);
    this.#search = createSpeedSearch(requestsPerSecond(rate), spanMsOf(rate));
  }

  get pauseCount(): number {
    return this.#pauseCount;
  }

  cause(nowMs: number): ThrottleCause {
    if (this.#usedUp.isSlowed || this.#search.hasFound) return 'speed';
    if (nowMs - this.#pausedUntilMs > CAUSE_LASTS_MS) return 'none';
    return this.#evidence.isRandom ? 'random' : 'unknown';
  }

  ratePerSecond(): number {
    return Math.min(this.#usedUp.perSecond(), this.#search.perSecond);
  }

  pausedForMs(nowMs: number): number {
    return Math.max(this.#pausedUntilMs - nowMs, 0);
  }

  throttled(nowMs: number, answer: ThrottledAnswer): Pause {
    const { retryAfterMs, sentUnder, recentPerSecond, left } = answer;
    if (sentUnder < this.#pauseCount) return this.#prolong(nowMs, retryAfterMs);
    this.#pauseCount++;
    const sinceMs = Math.min(Math.max(this.#pausedUntilMs, this.#startedMs ?? nowMs), nowMs);
    const toldMs = Math.max(retryAfterMs ?? this.#nextBackoffMs(), PAUSE_MS_MIN);
    const verdict = this.#evidence.throttled({ nowMs, sinceMs, waitMs: toldMs, left });
    this.#tooSoonCount = verdict.kind === 'too-soon' ? this.#tooSoonCount + 1 : 0;
    const isToldTooShort = retryAfterMs !== undefined && this.#tooSoonCount >= TOO_SOON_MIN;
    const waitMs = isToldTooShort ? Math.max(toldMs, this.#nextBackoffMs()) : toldMs;
    // A late answer of the event before may have asked for a longer pause already.
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + waitMs);
    if (verdict.kind === 'used-up') this.#usedUp.usedUp(nowMs, this.#pausedUntilMs, recentPerSecond);
    else this.#follow(verdict, nowMs);
    return { isNews: this.#isNews(nowMs), waitMs: Math.round(this.pausedForMs(nowMs)) };
  }

  answered(sentUnder: number, nowMs: number): void {
    this.#startedMs ??= nowMs;
    if (sentUnder < this.#pauseCount) return;
    this.#backoffMs = BACKOFF_MS_FIRST;
    this.#usedUp.answered(nowMs);
    if (this.#evidence.passed()) this.#search.lasted(nowMs);
    if (!this.#search.moves(nowMs)) return;
    if (this.#search.perSecond === Infinity) this.#evidence.freed(false);
    else this.#evidence.tryPace(this.#search.perSecond);
  }

  #follow(verdict: Verdict, nowMs: number): void {
    if (verdict.kind === 'speed') this.#search.begin(verdict);
    else if (verdict.kind !== 'in-vain') return;
    else if (!this.#search.failed(nowMs)) {
      this.#search.giveUp();
      return this.#evidence.freed(true);
    }
    this.#evidence.tryPace(this.#search.perSecond);
  }

  #prolong(nowMs: number, retryAfterMs: number | undefined): Pause {
    const untilMs = nowMs + (retryAfterMs ?? 0);
    const isNews = untilMs > this.#pausedUntilMs + NEWS_MS_MIN;
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
    return { isNews, waitMs: Math.round(this.pausedForMs(nowMs)) };
  }

  #nextBackoffMs(): number {
    // Half of it fixed, half jittered, so that it always grows.
    const waitMs = Math.round(this.#backoffMs * (0.5 + 0.5 * this.#random()));
    this.#backoffMs = Math.min(this.#backoffMs * 2, BACKOFF_MS_MAX);
    return waitMs;
  }

  #isNews(nowMs: number): boolean {
    const cause = this.cause(nowMs);
    if (cause === 'random' && this.#toldCause === 'random' && nowMs - this.#toldAtMs < RANDOM_NEWS_MS) return false;
    this.#toldCause = cause;
    this.#toldAtMs = nowMs;
    return true;
  }
}
