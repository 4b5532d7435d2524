/**
 * Looks for the fastest pace that is not throttled: first between one that lasted and one that did not, then now and then a little above
 * what was found. Pure, on given monotonic times.
 */
export interface SpeedSearch {
  /** Requests a second that are thought to be allowed; `Infinity` while nothing is searched for. */
  readonly perSecond: number;
  /** A slower pace has turned out to be throttled less. */
  readonly hasFound: boolean;
  /** The full pace is too fast. */
  begin(tooFast: TooFast): void;
  /** The present pace is too fast as well. Returns whether there is a slower one that is not. */
  failed(nowMs: number): boolean;
  /** The present pace is not too fast. */
  lasted(nowMs: number): void;
  /** Returns whether it is time for another pace, which is now the present one. */
  moves(nowMs: number): boolean;
  giveUp(): void;
}

/** How the full pace fared. */
export interface TooFast {
  /** What the API let through all the same, waits included: it surely allows that. */
  readonly surelyPerSecond: number;
  /** What was sent while the lane did not wait. */
  readonly triedPerSecond: number;
  /** Of the requests that were sent lately. */
  readonly throttledShare: number;
}

/** A pace just below what was let through. */
const BELOW_LIMIT = 0.985;
/** Close enough to stop searching. */
const SETTLED_RATIO = 1.01;
/** What is settled for lies just below what lasted: one that is a little too fast takes long to show. */
const BELOW_FOUND = 0.985;
/** The first step above what was found; each further one is twice as wide. */
const STEP_FIRST = 0.1;
/** Each time a step up fails, the next one comes so many times later… */
const HOLD_GROWTH = 3;
/** …but no later than after so many spans. */
const HOLD_SPANS_MAX = 128;
/** At the full pace so large a share of all requests is wasted that what had lasted and fails is lowered before it is given up… */
const WASTED_SHARE_MIN = 0.1;
/** …to this share of it… */
const RETREAT = 0.9;
/** …so many times in a row. */
const RETREATS_MAX = 2;

/**
 * @param fullPerSecond - `Infinity` where the rate is unlimited
 * @param spanMs - what was found is left for a look at what is above it after this long at the earliest
 */
export function createSpeedSearch(fullPerSecond: number, spanMs: number): SpeedSearch {
  return new Search(fullPerSecond, spanMs);
}

class Search implements SpeedSearch {
  readonly #fullPerSecond: number;
  readonly #spanMs: number;
  perSecond = Infinity;
  /** The fastest pace that lasted; 0 where none has. */
  #good = 0;
  /** The slowest that did not. */
  #bad = Infinity;
  /** When to leave the present pace. */
  #movesAtMs = Infinity;
  #isSettled = false;
  #step = STEP_FIRST;
  #retreatsLeft = 0;
  #retreatsMax = 0;
  #holdMs: number;

  constructor(fullPerSecond: number, spanMs: number) {
    this.#fullPerSecond = fullPerSecond;
    this.#spanMs = spanMs;
    this.#holdMs = spanMs;
  }

  get hasFound(): boolean {
    return this.#good > 0;
  }

  begin({ surelyPerSecond, triedPerSecond, throttledShare }: TooFast): void {
    this.giveUp();
    this.#retreatsMax = throttledShare < WASTED_SHARE_MIN ? 0 : RETREATS_MAX;
    this.perSecond = surelyPerSecond * BELOW_LIMIT;
    this.#bad = triedPerSecond;
  }

  failed(nowMs: number): boolean {
    if (this.#good === 0) return false;
    if (this.perSecond <= this.#good) {
      if (this.#retreatsLeft === 0) return false;
      this.#retreatsLeft--;
      this.#good *= RETREAT;
      this.#holdMs = this.#spanMs;
      this.#isSettled = true;
      this.#step = STEP_FIRST;
    } else if (this.#isSettled) {
      this.#holdMs = Math.min(this.#holdMs * HOLD_GROWTH, this.#spanMs * HOLD_SPANS_MAX);
      this.#step = STEP_FIRST;
    } else this.#bad = this.perSecond;
    this.perSecond = this.#good;
    this.#plan(nowMs);
    return true;
  }

  lasted(nowMs: number): void {
    this.#retreatsLeft = this.#retreatsMax;
    this.#good = this.perSecond;
    this.#plan(nowMs);
  }

  moves(nowMs: number): boolean {
    if (nowMs < this.#movesAtMs) return false;
    this.#movesAtMs = Infinity;
    if (this.perSecond >= this.#fullPerSecond) {
      this.giveUp();
    } else if (this.#isSettled) {
      this.perSecond = Math.min(this.#good * (1 + this.#step), this.#fullPerSecond);
      this.#step *= 2;
    } else {
      this.perSecond = Math.sqrt(this.#good * this.#bad);
    }
    return true;
  }

  giveUp(): void {
    this.perSecond = Infinity;
    this.#good = 0;
    this.#bad = Infinity;
    this.#movesAtMs = Infinity;
    this.#isSettled = false;
    this.#step = STEP_FIRST;
    this.#holdMs = this.#spanMs;
  }

  /** Between good and bad there is a pace to try at once; where they are close together, later. After a look that lasted comes another. */
  #plan(nowMs: number): void {
    const isAbove = this.#isSettled && this.#step > STEP_FIRST;
    if (!this.#isSettled && this.#bad <= this.#good * SETTLED_RATIO) {
      this.#isSettled = true;
      this.#good *= BELOW_FOUND;
      this.perSecond = this.#good;
    }
    this.#movesAtMs = this.#isSettled && !isAbove ? nowMs + this.#holdMs : nowMs;
  }
}
