/** Leave to send one request on a lane, now. */
export interface Permit {
  readonly lane: Lane;
  /** Counts the lane's pauses; a 429 to a request sent before the last pause slows nothing down a second time. */
  readonly pauseCount: number;
}

export interface Throttling {
  /** This answer opened or prolonged a pause that people should hear about. */
  readonly isNews: boolean;
  /** How long the lane stands still from now, in milliseconds. */
  readonly waitMs: number;
}

export interface LaneState {
  readonly name: string;
  /** Requests a second the lane allows itself at present; `Infinity` where unlimited. */
  readonly ratePerSecond: number;
  /** 0 where the lane is not paused. */
  readonly pausedForMs: number;
  readonly requestCount: number;
  readonly throttledCount: number;
}

/** One quota with its credentials: its pacing, throttling and counters. */
export interface Lane {
  readonly name: string;
  /** A permit if one is free this instant; the fast path. */
  tryTake(): Permit | undefined;
  /** Resolves when `tryTake` is worth another try, or when `signal` aborts. */
  whenFree(signal: AbortSignal): Promise<void>;
  /** A 429: the whole lane stands still once, then goes on slower. */
  throttled(permit: Permit, retryAfterMs: number | undefined): Throttling;
  /** An answer that is no 429: the lane finds its speed again. */
  answered(permit: Permit): void;
  state(): LaneState;
  /** Stops every timer the lane holds. */
  close(): Promise<void>;
}
