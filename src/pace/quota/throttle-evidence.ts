import type { TooFast } from './speed-search.ts';

/** A pause that has just begun, as far as it says something of its cause. */
export interface ThrottleEvent {
  readonly nowMs: number;
  /** When the pause before it ended; the run's first answer where there was none. */
  readonly sinceMs: number;
  readonly waitMs: number;
  /** What the 429 itself said is left of the quota; `undefined` where it said nothing. */
  readonly left: number | undefined;
}

/** What the pauses of a lane say of their cause. */
export type Verdict =
  /** Each time as much was let through: the lane is faster than the API allows. It is to be slowed to what was surely let through. */
  | ({ readonly kind: 'speed' } & TooFast)
  /** A long wait, or nothing left: the quota is used up, and what was sent is what it allows. */
  | { readonly kind: 'used-up' }
  /** Nothing says that a slower lane would be throttled less often. */
  | { readonly kind: 'random' }
  /** The pace on trial is throttled like the one that was too fast. */
  | { readonly kind: 'in-vain' }
  /** Nothing was let through since the last pause: it had not been long enough. */
  | { readonly kind: 'too-soon' };

/**
 * A sequential test between "my speed" and "not my speed" (docs/decisions/16). It counts requests, not time: a quota lets as many
 * through each time and then throttles; what throttles at random lets through now few and now many.
 */
export interface ThrottleEvidence {
  /**
   * An answer other than a 429 to a request sent after the last pause began.
   *
   * @returns whether the pace on trial has just turned out to be throttled less
   */
  passed(): boolean;
  throttled(event: ThrottleEvent): Verdict;
  /** A slower pace is tried than the one that was too fast. */
  tryPace(perSecond: number): void;
  /** It was not the pace: the lane has its full one again. */
  freed(isInVain: boolean): void;
  /** Several short pauses, and nothing says that they are the lane's doing. */
  readonly isRandom: boolean;
}

interface Run {
  /** Requests let through. */
  readonly length: number;
  readonly activeMs: number;
  /** The pause that ended it. */
  readonly waitMs: number;
}

/** A longer wait, and a longer share of the rate's window, is a block: one costs more than slowing down without need. */
const SHORT_WAIT_MS_MAX = 10_000;
const SHORT_WAIT_SHARE_MAX = 0.1;
/** Waits that cost less than this share of the time are not worth slowing down for. */
const COST_SHARE_MIN = 0.1;
/** Runs whose lengths differ by less than this share, and by so many requests (of short ones by so large a share), are of one length. */
const ALIKE_SHARE = 0.1;
const ALIKE_REQUESTS = 2;
const ALIKE_SHARE_OF_SHORT = 0.5;
/** Where fewer runs end at the cap, there is little to gain. */
const AT_CAP_SHARE_MIN = 0.6;
/** The last runs that are looked at. */
const RUNS_MAX = 12;
/** The last runs that tell how many of all requests are throttled. */
const LATELY_MAX = 30;
/** Log of the odds at which it is taken to be the speed: 200 to 1… */
const ODDS_OF_SPEED = 5.3;
/** …and more, each time that slowing down was in vain, up to this. */
const ODDS_OF_SPEED_MAX = 16;
const WARIER = 2;
/** Log of the odds at which a pace on trial is judged: 9 to 1. */
const ODDS_OF_TRIAL = 2.2;
/** Nor is it tried for longer than so many pauses. */
const TRIAL_PAUSES_MAX = 5;
/** What was never seen is taken to happen a quarter as often as what was seen once. */
const UNSEEN = 0.25;
/** A pace on trial fails where waiting costs this much of the time besides what is random. */
const COST_SHARE_OF_TRIAL = 0.3;
/** Pauses after which they are said to come at random. */
const RANDOM_PAUSES_MIN = 3;

/** @param windowMs - of the lane's rate; 0 where it is unlimited */
export function createThrottleEvidence(windowMs: number): ThrottleEvidence {
  return new RunLengths(Math.max(SHORT_WAIT_MS_MAX, windowMs * SHORT_WAIT_SHARE_MAX));
}

class RunLengths implements ThrottleEvidence {
  readonly #shortWaitMsMax: number;
  /** Requests let through since the last pause. */
  #length = 0;
  /** They were sent at one pace. */
  #isWhole = true;
  /** At the full pace, the latest last. */
  #runs: Run[] = [];
  /** More of them, also of those before the pace was last found not to be the cause. */
  #lately: Run[] = [];
  #oddsNeeded = ODDS_OF_SPEED;
  #fullPace: FullPace | undefined;
  #trial: Trial | undefined;
  /** Pauses that were not the lane's doing, among so many requests. */
  #randomPauses = 0;
  #randomPassed = 1;

  constructor(shortWaitMsMax: number) {
    this.#shortWaitMsMax = shortWaitMsMax;
  }

  get isRandom(): boolean {
    return this.#trial === undefined && this.#runs.length >= RANDOM_PAUSES_MIN;
  }

  passed(): boolean {
    this.#length++;
    const trial = this.#trial;
    if (trial === undefined) return false;
    trial.passed++;
    const before = trial.odds;
    trial.odds = Math.max(before - (trial.ifInVain - trial.ifItHelps), -ODDS_OF_TRIAL);
    const hasLasted = before > -ODDS_OF_TRIAL && trial.odds === -ODDS_OF_TRIAL;
    if (hasLasted) {
      trial.hasLasted = true;
      this.#learnFrom(trial);
    }
    return hasLasted;
  }

  throttled({ nowMs, sinceMs, waitMs, left }: ThrottleEvent): Verdict {
    const run = { length: this.#length, activeMs: Math.max(nowMs - sinceMs, 1), waitMs };
    this.#length = 0;
    if (left === 0 || (left === undefined && waitMs > this.#shortWaitMsMax)) return { kind: 'used-up' };
    if (run.length === 0 && this.#runs.length > 0) return { kind: 'too-soon' };
    return this.#trial === undefined ? this.#judgeRun(run) : this.#judgeTrial(this.#trial);
  }

  tryPace(perSecond: number): void {
    if (this.#fullPace === undefined) throw new Error('no pace was too fast');
    const { pausesEach, waitMs } = this.#fullPace;
    const randomEach = Math.max(this.#randomPauses, UNSEEN) / this.#randomPassed;
    const ifInVain = Math.min(pausesEach, randomEach + (COST_SHARE_OF_TRIAL * 1000) / (perSecond * waitMs));
    this.#trial = { ifInVain, ifItHelps: randomEach, odds: 0, passed: 0, pauses: 0, hasLasted: false };
    this.#length = 0;
  }

  freed(isInVain: boolean): void {
    this.#trial = undefined;
    this.#runs = [];
    this.#isWhole = this.#length === 0;
    this.#oddsNeeded = isInVain ? Math.min(this.#oddsNeeded * WARIER, ODDS_OF_SPEED_MAX) : ODDS_OF_SPEED;
  }

  #judgeRun(run: Run): Verdict {
    if (this.#isWhole) this.#runs = [...this.#runs, run].slice(-RUNS_MAX);
    this.#lately = [...this.#lately, run].slice(-LATELY_MAX);
    this.#isWhole = true;
    const { odds, runs, belowCount } = mostLikelyCap(this.#runs);
    const [passed, activeMs, waitedMs] = [sumOf(runs, 'length'), sumOf(runs, 'activeMs'), sumOf(runs, 'waitMs')];
    const isDear = waitedMs > (activeMs + waitedMs) * COST_SHARE_MIN;
    if (!isDear || odds < this.#oddsNeeded) return { kind: 'random' };
    this.#fullPace = { pausesEach: runs.length / passed, waitMs: waitedMs / runs.length };
    this.#randomPauses = belowCount;
    this.#randomPassed = passed;
    // No server lets more through than it allows, waits included.
    return {
      kind: 'speed',
      surelyPerSecond: (passed * 1000) / (activeMs + waitedMs),
      triedPerSecond: (passed * 1000) / activeMs,
      throttledShare: this.#lately.length / (sumOf(this.#lately, 'length') + this.#lately.length),
    };
  }

  /** Where a pace is not too fast, what throttles it is random. */
  #learnFrom({ passed, pauses }: Trial): void {
    this.#randomPauses += pauses;
    this.#randomPassed += passed;
  }

  #judgeTrial(trial: Trial): Verdict {
    trial.pauses++;
    trial.odds += Math.log(trial.ifInVain / trial.ifItHelps);
    return { kind: trial.odds >= ODDS_OF_TRIAL || (!trial.hasLasted && trial.pauses >= TRIAL_PAUSES_MAX) ? 'in-vain' : 'random' };
  }
}

/** How the full pace was throttled where it was too fast. */
interface FullPace {
  /** Pauses a request. */
  readonly pausesEach: number;
  /** The usual pause. */
  readonly waitMs: number;
}

interface Trial {
  /** Pauses a request where the pace on trial is too fast as well, and where it is not. */
  readonly ifInVain: number;
  readonly ifItHelps: number;
  /** Log of the odds of the former. */
  odds: number;
  passed: number;
  pauses: number;
  hasLasted: boolean;
}

/** A length that runs are not allowed to exceed. */
interface Cap {
  /** Log of the odds of this cap against "as it comes". */
  readonly odds: number;
  /** The runs that it explains, and how many of them ended before it. */
  readonly runs: readonly Run[];
  readonly belowCount: number;
}

const NO_CAP: Cap = { odds: 0, runs: [], belowCount: 0 };

/** Looks at the last two runs, the last three, and so on: a quota may have changed at any time. */
function mostLikelyCap(runs: readonly Run[]): Cap {
  let best = NO_CAP;
  for (let count = 2; count <= runs.length; count++) {
    const cap = capOf(runs.slice(-count));
    if (cap.odds > best.odds) best = cap;
  }
  return best;
}

/**
 * A quota, beside which something may throttle at random, ends runs at its cap or before it, never beyond. Before it, both explanations
 * expect the same. Of those that reached it, what is random would have let some pass beyond.
 */
function capOf(runs: readonly Run[]): Cap {
  const longest = Math.max(...runs.map(({ length }) => length));
  const margin = longest * ALIKE_SHARE + Math.min(ALIKE_REQUESTS, longest * ALIKE_SHARE_OF_SHORT);
  const atCapCount = runs.filter(({ length }) => length >= longest - margin).length;
  if (atCapCount < runs.length * AT_CAP_SHARE_MIN) return NO_CAP;
  const mean = Math.max(sumOf(runs, 'length') / runs.length, 1);
  const oddsEach = -Math.log1p(-Math.exp(-margin / mean));
  return { odds: (atCapCount - 1) * oddsEach, runs, belowCount: runs.length - atCapCount };
}

function sumOf(runs: readonly Run[], field: keyof Run): number {
  return runs.reduce((sum, run) => sum + run[field], 0);
}
