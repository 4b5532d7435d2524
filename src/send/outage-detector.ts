import { PROBE_DELAY_MS_FIRST, PROBE_DELAY_MS_MAX } from '../answer/retry-timing.ts';

/** Decides when an outage begins and when it is over; pure, the caller keeps time and sends the probes. */
export interface OutageDetector {
  readonly isActive: boolean;
  /** A retryable failure; returns how many there have been in a row. Enough of them make the outage active. */
  failure(failed: FailedId): number;
  /** Makes the outage active regardless of the count; returns the number of failures in a row. */
  begin(): number;
  /** Ends it without a probe. */
  end(): void;
  /** Any answer but a retryable failure: the count starts again. */
  answered(): void;
  /** How long to wait before the next probe; each call counts as that probe. */
  nextProbeDelayMs(): number;
  /** What the next call of `nextProbeDelayMs` will return, to be shown. */
  readonly upcomingProbeDelayMs: number;
  /** @param id - the ID the probe was for; `undefined` if it was for none */
  probed(isAnswered: boolean, id: string | undefined): void;
}

export interface FailedId {
  readonly id: string;
  /** It was the last attempt: the ID is not pending any more. */
  readonly isGivenUp: boolean;
}

export interface OutageDetectorOptions {
  /** IDs that wait to be sent or are in flight; `Infinity` where it is not known how many more there are. */
  readonly pendingCount: () => number;
  /** Whether failures in a row stand for everything that this outage would stop. */
  readonly speaksForAll?: () => boolean;
  /** Whether probes in vain may end it: the IDs themselves may be at fault. */
  readonly endsInVain?: () => boolean;
}

export const FAILURES_IN_A_ROW = 20;
/** Fewer IDs that always fail are not an outage, unless nothing else is pending. */
export const DIFFERENT_IDS_MIN = 10;
/** Where fewer IDs are pending, each of them has failed so often. */
const FAILURES_OF_EACH = 2;
/** After probes of this many different IDs sending resumes: the IDs themselves may be at fault. */
export const PROBED_IDS_MAX = 10;

export function createOutageDetector(options: OutageDetectorOptions): OutageDetector {
  const { pendingCount, speaksForAll = () => true, endsInVain = () => true } = options;
  let failuresInARow = 0;
  /** Failures since the last answer of `DIFFERENT_IDS_MIN` IDs at most. */
  let failuresById = new Map<string, number>();
  let probedIds = new Set<string>();
  let isActive = false;
  let delayMs = PROBE_DELAY_MS_FIRST;

  const breakRow = (): void => {
    if (failuresInARow === 0) return;
    failuresInARow = 0;
    failuresById = new Map();
  };

  function count({ id, isGivenUp }: FailedId): void {
    failuresInARow++;
    const before = failuresById.get(id);
    if (before !== undefined || failuresById.size < DIFFERENT_IDS_MIN) failuresById.set(id, isGivenUp ? 0 : (before ?? 0) + 1);
  }

  /** @param inHandCount - IDs that are pending and that nobody else counts: the one that has just failed */
  function hasEachFailed(inHandCount: number): boolean {
    const pending = pendingCount() + inHandCount;
    if (pending === 0 || pending >= DIFFERENT_IDS_MIN) return false;
    return [...failuresById.values()].filter((failures) => failures >= FAILURES_OF_EACH).length >= pending;
  }

  function begin(): number {
    isActive = true;
    delayMs = PROBE_DELAY_MS_FIRST;
    probedIds = new Set();
    return failuresInARow;
  }

  function end(): void {
    isActive = false;
    breakRow();
  }

  return {
    get isActive() {
      return isActive;
    },
    failure(failed) {
      count(failed);
      const areMany = failuresInARow >= FAILURES_IN_A_ROW && failuresById.size >= DIFFERENT_IDS_MIN;
      if (!isActive && (areMany || hasEachFailed(failed.isGivenUp ? 0 : 1)) && speaksForAll()) begin();
      return failuresInARow;
    },
    begin,
    end,
    answered: breakRow,
    nextProbeDelayMs() {
      const nowMs = delayMs;
      delayMs = Math.min(delayMs * 2, PROBE_DELAY_MS_MAX);
      return nowMs;
    },
    get upcomingProbeDelayMs() {
      return delayMs;
    },
    probed(isAnswered, id) {
      if (id !== undefined) probedIds.add(id);
      const isInVain = probedIds.size >= Math.min(PROBED_IDS_MAX, Math.max(pendingCount(), 1)) && endsInVain();
      if (isAnswered || isInVain) end();
    },
  };
}
