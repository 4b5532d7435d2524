import type { Clock } from '../domain/clock.ts';
import type { Observer } from '../observe/events.ts';
import type { Outage } from '../pace/outage.ts';
import { Pulse } from './pulse.ts';

export interface OutageWatch {
  readonly isActive: () => boolean;
  /** Resolves when sending may go on. */
  readonly whenOver: () => Promise<void>;
  /** A failure that is retried; enough of them in a row begin an outage. */
  readonly onFailure: (id: string, message: string) => void;
  readonly onAnswered: () => void;
  /** Resolves when no probe is under way. */
  readonly settled: () => Promise<void>;
}

export interface OutageEffects {
  readonly clock: Clock;
  readonly observer: Observer;
  readonly outage: Outage;
  readonly halt: AbortSignal;
  /** Sends one probe and tells whether it was answered, and which ID it was for if it was a DELETE. */
  readonly probe: () => Promise<{ readonly isAnswered: boolean; readonly id: string | undefined }>;
  /** Sending goes on: work set aside by probes may go back. */
  readonly onOver: () => void;
  readonly onError: (error: unknown) => void;
}

/** Holds sending back while the API is out, one probe at a time, until one is answered or enough IDs have been probed. */
export function createOutageWatch(effects: OutageEffects): OutageWatch {
  const { outage, halt, observer, clock } = effects;
  const over = new Pulse();
  let probing: Promise<void> = Promise.resolve();

  async function probeUntilOver(): Promise<void> {
    const startedMs = clock.monotonicMs();
    while (outage.isActive && !halt.aborted) {
      await clock.sleep(outage.nextProbeDelayMs(), halt);
      if (halt.aborted) break;
      const { isAnswered, id } = await effects.probe();
      outage.probed(isAnswered, id);
      observer.event({ kind: 'outage.probed', answered: isAnswered, nextProbeMs: outage.isActive ? outage.upcomingProbeDelayMs : 0 });
    }
    effects.onOver();
    if (!halt.aborted) observer.event({ kind: 'outage.ended', elapsedMs: clock.monotonicMs() - startedMs });
  }

  return {
    isActive: () => outage.isActive,
    whenOver: () => over.next(),
    onFailure(id, message) {
      if (outage.isActive) return;
      const failures = outage.failure(id);
      if (!outage.isActive) return;
      observer.event({ kind: 'outage.started', failures, lastError: message });
      probing = probeUntilOver().catch(effects.onError).finally(() => over.beat());
    },
    onAnswered: () => outage.answered(),
    settled: () => probing,
  };
}
