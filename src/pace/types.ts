import type { HoldReason, LaneName, ThrottleCause } from '../domain/lane.ts';
import type { RatelimitView } from './quota/ratelimit-headers.ts';
import type { Used } from './quota/reservations.ts';
import type { Pause } from './quota/throttle.ts';

/** Permission to send one request on a lane, now. */
export interface Permit {
  readonly lane: Lane;
  /** The request's number among all of its lane, from 1. */
  readonly ordinal: number;
  readonly sentAtMs: number;
  /** The number of the lane's pauses so far: a 429 to a request sent before the last pause does not slow the lane a second time. */
  readonly pauseCount: number;
}

export interface LaneState {
  readonly name: LaneName;
  /** Requests a second that the lane currently allows; `Infinity` if unlimited. */
  readonly ratePerSecond: number;
  /** 0 if the lane is not paused by a 429. */
  readonly pausedForMs: number;
  readonly throttledBy: ThrottleCause;
  /** How long it waits because of what the API reports as left; 0 if it does not. */
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
  /** A permit if one is free now; otherwise the listener is called when there may be one. */
  tryTake(): Permit | undefined;
  /** The same for a probe, also while the lane is held. */
  tryTakeProbe(): Permit | undefined;
  /** Sets the one listener, which is called when `tryTake` may succeed. */
  listen(listener: () => void): void;
  /** Nothing is sent until it is released; during an outage only probes are. */
  hold(reason: HoldReason): void;
  release(reason: HoldReason): void;
  /** The permit's request has ended, with an answer or without one. Call it once for each permit, before `throttled` or `answered`. */
  requestEnded(permit: Permit, wasAnswered: boolean): void;
  /** The answer's headers reported what is left of the quota. */
  quotaReported(permit: Permit, views: readonly RatelimitView[]): void;
  /** A 429: the whole lane pauses once, then continues more slowly where its speed is the cause. */
  throttled(permit: Permit, retryAfterMs: number | undefined): Pause;
  /** Any answer but a 429: the lane may speed up again. */
  answered(permit: Permit): void;
  state(): LaneState;
  /** What was used of the recorded reservation; `undefined` if none is made. */
  used(): Used | undefined;
  /** Gives no more permits; stops every timer of the lane. */
  close(): Promise<void>;
}
