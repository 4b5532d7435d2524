import type { Clock } from '../domain/clock.ts';
import type { Observer } from '../observe/events.ts';
import type { FailedId, OutageDetector } from './outage-detector.ts';
import type { LaneName } from '../domain/lane.ts';

export interface OutageProbing {
  readonly isActive: () => boolean;
  /** A failure that is retried; enough of them in a row begin an outage. `retryAfterMs`: what its answer asked to wait. */
  readonly onFailure: (failed: FailedId, message: string, retryAfterMs?: number) => void;
  /** The answer to a probe that was for no ID asks to wait. */
  readonly toldToWait: (retryAfterMs: number | undefined) => void;
  readonly onAnswered: () => void;
  /** Begins an outage regardless of the count. */
  readonly begin: (message: string) => void;
  /** Ends the outage without an event: an outage of all lanes has replaced it. */
  readonly end: () => void;
  /** Resolves when no probe is in progress. */
  readonly probesEnded: () => Promise<void>;
}

/** `id`: what the probe was for, if it was a DELETE. */
export interface ProbeResult {
  readonly isAnswered: boolean;
  readonly id: string | undefined;
}

export interface OutageProbingOptions {
  readonly clock: Clock;
  readonly observer: Observer;
  /** `undefined`: all of them. */
  readonly lane: LaneName | undefined;
  readonly detector: OutageDetector;
  /** Aborts when the run is ending, or all its work is done. */
  readonly ended: AbortSignal;
  /** Sends one probe. */
  readonly probe: () => Promise<ProbeResult>;
  /** Sending must stop. */
  readonly onBegin: () => void;
  /** Sending may resume. */
  readonly onOver: () => void;
  readonly onError: (error: unknown) => void;
}

/** Holds sending during an outage and sends one probe at a time, until one is answered or enough IDs have been probed. */
export function createOutageProbing(options: OutageProbingOptions): OutageProbing {
  const { detector, ended, observer, clock, lane } = options;
  let probing: Promise<void> = Promise.resolve();
  /** Until then the answers of the failures in this row ask to wait, those that belong to the outage too. No probe is earlier. */
  let toldUntilMs = -Infinity;

  function toldToWait(retryAfterMs: number | undefined): void {
    if (retryAfterMs !== undefined) toldUntilMs = Math.max(toldUntilMs, clock.monotonicMs() + retryAfterMs);
  }

  async function untilNextProbe(): Promise<void> {
    const dueMs = clock.monotonicMs() + detector.nextProbeDelayMs();
    for (;;) {
      // Answers that were on their way when the outage began may ask for longer.
      const leftMs = Math.max(dueMs, toldUntilMs) - clock.monotonicMs();
      if (leftMs <= 0 || ended.aborted || !detector.isActive) return;
      await clock.sleep(leftMs, ended);
    }
  }

  function nextProbeMs(): number {
    return Math.round(Math.max(detector.upcomingProbeDelayMs, toldUntilMs - clock.monotonicMs()));
  }

  async function probeUntilOver(): Promise<void> {
    const startedMs = clock.monotonicMs();
    while (detector.isActive && !ended.aborted) {
      await untilNextProbe();
      if (ended.aborted || !detector.isActive) break;
      const { isAnswered, id } = await options.probe();
      if (ended.aborted || !detector.isActive) break;
      detector.probed(isAnswered, id);
      observer.event({ kind: 'outage.probed', lane, answered: isAnswered, nextProbeMs: detector.isActive ? nextProbeMs() : 0 });
      if (!detector.isActive) observer.event({ kind: 'outage.ended', lane, elapsedMs: Math.round(clock.monotonicMs() - startedMs) });
    }
    options.onOver();
  }

  function begun(failures: number, message: string): void {
    observer.event({ kind: 'outage.started', lane, failures, lastError: message });
    options.onBegin();
    probing = probeUntilOver().catch(options.onError);
  }

  return {
    isActive: () => detector.isActive,
    toldToWait,
    onFailure(failed, message, retryAfterMs) {
      toldToWait(retryAfterMs);
      if (detector.isActive) return;
      const failures = detector.failure(failed);
      if (detector.isActive) begun(failures, message);
    },
    onAnswered() {
      detector.answered();
      if (!detector.isActive) toldUntilMs = -Infinity;
    },
    begin(message) {
      if (detector.isActive) return;
      begun(detector.begin(), message);
    },
    end: () => detector.end(),
    probesEnded: () => probing,
  };
}
