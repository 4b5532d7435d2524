/** Why a run must stop at once: nothing is marked failed, and the purge can be resumed once the cause is fixed. */
export type StopReason = 'credentials' | 'permission' | 'account' | 'address' | 'proxy';

/** The run must stop. A single such answer may be a mistake of whatever is between here and the API, so it may be confirmed first. */
export interface StopRun {
  readonly kind: 'stop-run';
  readonly reason: StopReason;
  /** The code that is believed at once: asking again would make it worse, or could not change it. */
  readonly finalCode?: number;
  /** With a `finalCode`: how long the answer asked to wait. */
  readonly retryAfterMs?: number | undefined;
}

/** The API asks to send less: its lane waits. */
export interface Throttled {
  readonly kind: 'throttled';
  /** `undefined` where the answer did not say how long. */
  readonly retryAfterMs: number | undefined;
  readonly httpStatus: number;
  readonly code: number | undefined;
}

/**
 * What one answer of the API means for its ID and for the run; named by what happens next.
 *
 * `streak` marks answers that are believed one at a time, but not many in a row: then the address or a firewall is
 * wrong, not the IDs.
 */
export type Disposition =
  | { readonly kind: 'done'; readonly outcome: 'deleted' | 'absent' }
  /** A request that comes before the DELETE is done; the ID's next request follows. */
  | { readonly kind: 'next-request' }
  | { readonly kind: 'fail-item'; readonly streak: 'none' | 'not-found' | 'firewall' }
  /**
   * `retryAfterMs`: the request is not to be repeated earlier; `undefined` where the answer did not say.
   * `isUnreached`: there was no connection, so nothing shows that there is anyone to answer.
   */
  | { readonly kind: 'retry'; readonly retryAfterMs: number | undefined; readonly isUnreached?: true }
  | Throttled
  /** A batch token was refused. `finalCode` as in {@link StopRun}. */
  | { readonly kind: 'refused'; readonly reason: StopReason; readonly finalCode?: number }
  | StopRun;
