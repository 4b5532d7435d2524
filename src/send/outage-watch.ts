import type { Clock } from '../domain/clock.ts';
import type { Observer } from '../observe/events.ts';
import type { Outage } from '../pace/outage.ts';
import type { LaneName } from '../pace/types.ts';

export interface OutageWatch {
  readonly isActive: () => boolean;
  /** A failure that is retried; enough of them in a row begin an outage. */
  readonly onFailure: (id: string, message: string) => void;
  readonly onAnswered: () => void;
  /** Begins an outage whatever has been counted. */
  readonly begin: (message: string) => void;
  /** Ends an outage that others have taken over, in silence. */
  readonly end: () => void;
  /** Resolves when no probe is under way. */
  readonly settled: () => Promise<void>;
}

/** `id`: what the probe was for, if it was a DELETE. */
export interface ProbeResult {
  readonly isAnswered: boolean;
  readonly id: string | undefined;
}

export interface OutageEffects {
  readonly clock: Clock;
  readonly observer: Observer;
  /** `undefined`: all of them. */
  readonly lane: LaneName | undefined;
  readonly outage: Outage;
  /** Aborts when the run has been told to end, or all its work is done. */
  readonly ended: AbortSignal;
  /** Sends one probe. */
  readonly probe: () => Promise<ProbeResult>;
  /** Sending is to stop. */
  readonly onBegin: () => void;
  /** Sending goes on. */
  readonly onOver: () => void;
  readonly onError: (error: unknown) => void;
}

/** Holds sending back while the API is out, one probe at a time, until one is answered or enough IDs have been probed. */
export function createOutageWatch(effects: OutageEffects): OutageWatch {
  const { outage, ended, observer, clock, lane } = effects;
  let probing: Promise<void> = Promise.resolve();

  async function probeUntilOver(): Promise<void> {
    const startedMs = clock.monotonicMs();
    while (outage.isActive && !ended.aborted) {
      await clock.sleep(outage.nextProbeDelayMs(), ended);
      if (ended.aborted || !outage.isActive) break;
      const { isAnswered, id } = await effects.probe();
      if (ended.aborted || !outage.isActive) break;
      outage.probed(isAnswered, id);
      observer.event({ kind: 'outage.probed', lane, answered: isAnswered, nextProbeMs: outage.isActive ? outage.upcomingProbeDelayMs : 0 });
      if (!outage.isActive) observer.event({ kind: 'outage.ended', lane, elapsedMs: clock.monotonicMs() - startedMs });
    }
    effects.onOver();
  }

  function begun(failures: number, message: string): void {
    observer.event({ kind: 'outage.started', lane, failures, lastError: message });
    effects.onBegin();
    probing = probeUntilOver().catch(effects.onError);
  }

  return {
    isActive: () => outage.isActive,
    onFailure(id, message) {
      if (outage.isActive) return;
      const failures = outage.failure(id);
      if (outage.isActive) begun(failures, message);
    },
    onAnswered: () => outage.answered(),
    begin(message) {
      if (outage.isActive) return;
      begun(outage.begin(), message);
    },
    end: () => outage.end(),
    settled: () => probing,
  };
}
