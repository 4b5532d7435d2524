import { PROBE_DELAY_MS_FIRST, PROBE_DELAY_MS_MAX } from '../answer/retry-timing.ts';
import type { Lane } from '../pace/types.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { Failed } from './paced-request.ts';

/**
 * Until the API has answered once, nothing shows that there is anyone to answer: no connection to it is an outage from the first
 * failure on, and uses up no attempt.
 */
export interface FirstContact {
  /** Why the API cannot be reached; `undefined` where it was, or nothing was asked yet. */
  readonly failure: string | undefined;
  /** Waits until it is time to try again; `false` where the failure counts as an attempt. */
  readonly waitOut: (failed: Failed, ended: AbortSignal) => Promise<boolean>;
  /** It has answered. */
  readonly made: () => void;
}

/** @param lane - shown as one that does not answer while the next try is waited for */
export function createFirstContact({ clock, observer }: Pick<PurgeDeps, 'clock' | 'observer'>, lane: Lane): FirstContact {
  let isMade = false;
  let failure: string | undefined;
  let failedAtMs = 0;
  let delayMs = PROBE_DELAY_MS_FIRST;
  let waiting: Promise<void> | undefined;

  function made(): void {
    if (failure !== undefined)
      observer.event({ kind: 'outage.ended', lane: undefined, elapsedMs: Math.round(clock.monotonicMs() - failedAtMs) });
    isMade = true;
    failure = undefined;
  }

  function tell(message: string): void {
    if (failure === undefined) {
      failedAtMs = clock.monotonicMs();
      observer.event({ kind: 'outage.started', lane: undefined, failures: 0, lastError: message });
    } else observer.event({ kind: 'outage.probed', lane: undefined, answered: false, nextProbeMs: delayMs });
    failure = message;
  }

  async function waitAfter(message: string, ended: AbortSignal): Promise<void> {
    tell(message);
    const waitMs = delayMs;
    delayMs = Math.min(delayMs * 2, PROBE_DELAY_MS_MAX);
    lane.hold('outage');
    await clock.sleep(waitMs, ended);
    lane.release('outage');
  }

  return {
    get failure() {
      return failure;
    },
    made,
    async waitOut({ answer: { disposition, message } }, ended) {
      if (isMade) return false;
      if (disposition.kind !== 'retry' || disposition.isUnreached !== true) {
        made();
        return false;
      }
      // Several questions that fail at once are one failure.
      waiting ??= waitAfter(message, ended).finally(() => (waiting = undefined));
      await waiting;
      return true;
    },
  };
}
