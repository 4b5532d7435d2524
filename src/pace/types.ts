import type { RatelimitView } from './quota/ratelimit-headers.ts';
import type { Used } from './quota/reservations.ts';
import type { Pause } from './quota/throttle.ts';

/** Its host does not answer, or it has no token at present. */
export type HoldReason = 'outage' | 'token';

/** `account`, or the number of a batch token's lane, from 1. */
export type LaneName = 'account' | number;

/** Leave to send one request on a lane, now. */
export interface Permit {
  readonly lane: Lane;
  /** The request's place among all of its lane, from 1. */
  readonly ordinal: number;
  readonly sentAtMs: number;
  /** Counts the lane's pauses; a 429 to a request sent before the last pause slows nothing down a second time. */
  readonly pauseCount: number;
}

export interface LaneState {
  readonly name: LaneName;
  /** Requests a second the lane allows itself at present; `Infinity` where unlimited. */
  readonly ratePerSecond: number;
  /** 0 where the lane is not paused by a 429. */
  readonly pausedForMs: number;
  /** How long what the API says is left makes it wait; 0 where it does not. */
  readonly yieldingForMs: number;
  readonly held: readonly HoldReason[];
  readonly isClosed: boolean;
  readonly requestCount: number;
  readonly throttledCount: number;
}

/** One quota with its credentials: its pacing, throttling and counters. */
export interface Lane {
  readonly name: LaneName;
  readonly isClosed: boolean;
  /** A permit if one is free this instant; where not, the listener is called when it is worth another try. */
  tryTake(): Permit | undefined;
  /** The same while the lane is held back, for a probe. */
  tryTakeProbe(): Permit | undefined;
  /** The one who is told when `tryTake` is worth another try. */
  listen(listener: () => void): void;
  /** Nothing is sent until it is released; during an outage nothing but probes. */
  hold(reason: HoldReason): void;
  release(reason: HoldReason): void;
  /** The permit's request has ended, with an answer or without one. Call it once for each permit, before `throttled` or `answered`. */
  requestEnded(permit: Permit, wasAnswered: boolean): void;
  /** The answer's headers reported what is left of the quota. */
  quotaReported(permit: Permit, views: readonly RatelimitView[]): void;
  /** A 429: the whole lane stands still once, then goes on slower. */
  throttled(permit: Permit, retryAfterMs: number | undefined): Pause;
  /** An answer that is no 429: the lane finds its speed again. */
  answered(permit: Permit): void;
  state(): LaneState;
  /** What the reservation on record has come to; `undefined` where none is made. */
  used(): Used | undefined;
  /** Gives no permit any more; stops every timer the lane holds. */
  close(): Promise<void>;
}
