import type { Clock } from '../domain/clock.ts';
import type { Observer } from '../observe/events.ts';
import type { Lanes } from '../pace/lanes.ts';
import { createOutage } from '../pace/outage.ts';
import type { Lane } from '../pace/types.ts';
import { createOutageWatch, type OutageWatch, type ProbeResult } from './outage-watch.ts';

/** Outages of single lanes, and of all of them at once. */
export interface Outages {
  /** Sending on this lane stands still, because of the lane or because of all. */
  readonly isActive: (lane: Lane) => boolean;
  readonly isTotal: () => boolean;
  readonly onFailure: (lane: Lane, id: string, message: string) => void;
  readonly onAnswered: (lane: Lane) => void;
  /** Resolves when no probe is under way. */
  readonly settled: () => Promise<void>;
}

export interface OutagesOptions {
  readonly clock: Clock;
  readonly observer: Observer;
  readonly lanes: Lanes;
  /** Aborts when the run has been told to end, or all its work is done. */
  readonly ended: AbortSignal;
  /** @param lane - `undefined`: any */
  readonly probe: (lane: Lane | undefined) => Promise<ProbeResult>;
  /** After an outage of all: work that probes have set aside may go back. */
  readonly onOver: () => void;
  readonly onError: (error: unknown) => void;
}

export function createOutages(options: OutagesOptions): Outages {
  const { clock, observer, lanes, ended, onError } = options;
  const isSingle = lanes.open.length === 1;
  /** Lanes that have failed since the last answer: one that fails faster than the others answer must not stop them. */
  const failing = new Set<Lane>();
  const total = createOutageWatch({
    clock,
    observer,
    lane: undefined,
    outage: createOutage(() => lanes.open.every((lane) => failing.has(lane))),
    ended,
    probe: () => options.probe(undefined),
    onBegin() {
      // From now on one probe at a time speaks for all.
      for (const watch of single.values()) watch.end();
      lanes.hold();
    },
    onOver() {
      lanes.release();
      options.onOver();
    },
    onError,
  });
  const single: ReadonlyMap<Lane, OutageWatch> = new Map(isSingle ? [] : lanes.open.map((lane) => [lane, watchOf(lane)]));

  function watchOf(lane: Lane): OutageWatch {
    return createOutageWatch({
      clock,
      observer,
      lane: lane.name,
      outage: createOutage(),
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
    async settled() {
      await Promise.all([total, ...single.values()].map((watch) => watch.settled()));
    },
  };
}
