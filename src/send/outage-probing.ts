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
  /**
   * Sends one probe; `undefined` where nothing could be sent.
   *
   * @param ended - aborts when it is no longer needed
   */
  readonly probe: (ended: AbortSignal) => Promise<ProbeResult | undefined>;
  /** Nothing is sent for so long, since a failure said so. */
  readonly onStandstill: (waitMs: number) => void;
  /** Sending must stop. */
  readonly onBegin: () => void;
  /** Sending may resume. */
  readonly onOver: () => void;
  readonly onError: (error: unknown) => void;
}

/** Holds sending during an outage and sends one probe at a time, until one is answered or enough IDs have been probed. */
export function createOutageProbing(options: OutageProbingOptions): OutageProbing {
  const { detector, observer, clock, lane } = options;
  let probing: Promise<void> = Promise.resolve();
  /** Aborts when an outage of all lanes replaces this one. */
  let replaced = new AbortController();
  /** Until then the answers of the failures in this row ask to wait, those that belong to the outage too. No probe is earlier. */
  let toldUntilMs = -Infinity;

  function toldToWait(retryAfterMs: number | undefined): void {
    if (retryAfterMs !== undefined) toldUntilMs = Math.max(toldUntilMs, clock.monotonicMs() + retryAfterMs);
  }

  const toldWaitMs = (): number => Math.max(toldUntilMs - clock.monotonicMs(), 0);
  const nextProbeMs = (): number => Math.round(Math.max(detector.upcomingProbeDelayMs, toldWaitMs()));

  /** Answers that were on their way when the outage began may ask for longer. */
  async function untilNextProbe(ended: AbortSignal): Promise<void> {
    let waitMs = Math.max(detector.nextProbeDelayMs(), toldWaitMs());
    while (waitMs > 0 && !ended.aborted) {
      if (toldWaitMs() >= waitMs) options.onStandstill(waitMs);
      await clock.sleep(waitMs, ended);
      waitMs = toldWaitMs();
    }
  }

  async function probeUntilOver(ended: AbortSignal): Promise<void> {
    const startedMs = clock.monotonicMs();
    while (detector.isActive && !ended.aborted) {
      await untilNextProbe(ended);
      const result = ended.aborted ? undefined : await options.probe(ended);
      if (result === undefined || ended.aborted) continue;
      detector.probed(result.isAnswered, result.id);
      observer.event({ kind: 'outage.probed', lane, answered: result.isAnswered, nextProbeMs: detector.isActive ? nextProbeMs() : 0 });
    }
    if (!ended.aborted) observer.event({ kind: 'outage.ended', lane, elapsedMs: Math.round(clock.monotonicMs() - startedMs) });
    options.onOver();
  }

  function begun(failures: number, message: string): void {
    observer.event({ kind: 'outage.started', lane, failures, lastError: message });
    options.onBegin();
    replaced = new AbortController();
    probing = probeUntilOver(AbortSignal.any([options.ended, replaced.signal])).catch(options.onError);
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
    end() {
      detector.end();
      replaced.abort();
    },
    probesEnded: () => probing,
  };
}
