/** Time as a parameter. Tests and the simulation drive it by hand. */
export interface Clock {
  /** Milliseconds that never go back; its zero means nothing. For waiting and pacing. */
  monotonicMs(): number;
  /** Milliseconds since 1970, for records people read. May jump. */
  wallMs(): number;
  /** Time since the machine booted, in milliseconds, and which boot that was; `undefined` where it cannot be told. */
  boot(): { readonly id: string; readonly uptimeMs: number } | undefined;
  /** Resolves after `ms`, or at once when `signal` aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Node's timers hold 2^31 − 1 ms and fire at once beyond that, so nothing that is waited for may be longer. */
export const TIMER_MS_MAX: number = 24 * 86_400_000;
