/** Decides when an outage begins and when it is over; pure, the caller keeps time and sends the probes. */
export interface OutageDetector {
  readonly isActive: boolean;
  /** A retryable failure; returns how many there have been in a row. Enough of them make the outage active. */
  failure(id: string): number;
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

export const FAILURES_IN_A_ROW = 20;
/** A few IDs that always fail are not an outage. */
export const DIFFERENT_IDS_MIN = 10;
/** After probes of this many different IDs sending resumes: the IDs themselves may be at fault. */
export const PROBED_IDS_MAX = 10;
export const PROBE_DELAY_MS_FIRST = 1_000;
export const PROBE_DELAY_MS_MAX = 60_000;

/** @param speaksForAll - whether failures in a row stand for everything that this outage would stop */
export function createOutageDetector(speaksForAll: () => boolean = () => true): OutageDetector {
  let failuresInARow = 0;
  let differentIds = new Set<string>();
  let probedIds = new Set<string>();
  let isActive = false;
  let delayMs = PROBE_DELAY_MS_FIRST;

  const breakRow = (): void => {
    failuresInARow = 0;
    differentIds = new Set();
  };

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
    failure(id) {
      failuresInARow++;
      if (differentIds.size < DIFFERENT_IDS_MIN) differentIds.add(id);
      if (!isActive && failuresInARow >= FAILURES_IN_A_ROW && differentIds.size >= DIFFERENT_IDS_MIN && speaksForAll()) begin();
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
      // IDs are probed in turn: if one is repeated, fewer are left, and each has been probed.
      const isRoundComplete = id !== undefined && probedIds.has(id);
      if (id !== undefined) probedIds.add(id);
      if (!isAnswered && !isRoundComplete && probedIds.size < PROBED_IDS_MAX) return;
      end();
    },
  };
}
