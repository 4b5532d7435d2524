import type { Clock } from '../domain/clock.ts';
import type { Observer } from '../observe/events.ts';
import type { Lanes } from '../pace/lanes.ts';
import { createOutageDetector } from './outage-detector.ts';
import type { Lane } from '../pace/types.ts';
import { createOutageProbing, type OutageProbing, type ProbeResult } from './outage-probing.ts';

/** Outages of single lanes, and of all of them at once. */
export interface Outages {
  /** Sending on this lane is held, because of an outage of the lane or of all. */
  readonly isActive: (lane: Lane) => boolean;
  readonly isTotal: () => boolean;
  readonly onFailure: (lane: Lane, id: string, message: string) => void;
  readonly onAnswered: (lane: Lane) => void;
  /** Resolves when no probe is in progress. */
  readonly probesEnded: () => Promise<void>;
}

export interface OutagesOptions {
  readonly clock: Clock;
  readonly observer: Observer;
  readonly lanes: Lanes;
  /** Aborts when the run is ending, or all its work is done. */
  readonly ended: AbortSignal;
  /** @param lane - `undefined`: any */
  readonly probe: (lane: Lane | undefined) => Promise<ProbeResult>;
  /** After an outage of all: work that probes have set aside may be put back. */
  readonly onOver: () => void;
  readonly onError: (error: unknown) => void;
}

export function createOutages(options: OutagesOptions): Outages {
  const { clock, observer, lanes, ended, onError } = options;
  const isSingle = lanes.open.length === 1;
  /** Lanes that have failed since the last answer: one that fails faster than the others answer must not stop them. */
  const failing = new Set<Lane>();
  const total = createOutageProbing({
    clock,
    observer,
    lane: undefined,
    detector: createOutageDetector(() => lanes.open.every((lane) => failing.has(lane))),
    ended,
    probe: () => options.probe(undefined),
    onBegin() {
      // From now on one probe at a time stands for all lanes.
      for (const probing of single.values()) probing.end();
      lanes.hold();
    },
    onOver() {
      lanes.release();
      options.onOver();
    },
    onError,
  });
  const single: ReadonlyMap<Lane, OutageProbing> = new Map(isSingle ? [] : lanes.open.map((lane) => [lane, probingOf(lane)]));

  function probingOf(lane: Lane): OutageProbing {
    return createOutageProbing({
      clock,
      observer,
      lane: lane.name,
      detector: createOutageDetector(),
      ended,
      probe: () => options.probe(lane),
      onBegin: () => lane.hold('outage'),
      onOver: () => lane.release('outage'),
      onError,
    });
  }

  return {
    isActive: (lane) => total.isActive() || single.get(lane)?.isActive() === true,
    isTotal: total.isActive,
    onFailure(lane, id, message) {
      failing.add(lane);
      total.onFailure(id, message);
      if (total.isActive()) return;
      single.get(lane)?.onFailure(id, message);
      if (!isSingle && lanes.open.every((one) => single.get(one)?.isActive() === true)) total.begin(message);
    },
    onAnswered(lane) {
      failing.clear();
      total.onAnswered();
      single.get(lane)?.onAnswered();
    },
    async probesEnded() {
      await Promise.all([total, ...single.values()].map((probing) => probing.probesEnded()));
    },
  };
}
