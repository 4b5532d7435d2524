import type { Clock } from '../domain/clock.ts';
import type { Observer } from '../observe/events.ts';
import type { Lanes } from '../pace/lanes.ts';
import type { Disposition } from '../domain/disposition.ts';
import { createOutageDetector, type FailedId } from './outage-detector.ts';
import type { Lane } from '../pace/types.ts';
import { createOutageProbing, type OutageProbing, type ProbeResult } from './outage-probing.ts';

/** Outages of single lanes, and of all of them at once. */
export interface Outages {
  /** Sending on this lane is held, because of an outage of the lane or of all. */
  readonly isActive: (lane: Lane) => boolean;
  readonly isTotal: () => boolean;
  /** The host has never answered, and this was no connection to it either: it counts as an outage from the first failure on. */
  readonly isUnreachedBy: (disposition: Disposition) => boolean;
  readonly onFailure: (lane: Lane, failed: FailedRequest) => void;
  readonly onAnswered: (lane: Lane) => void;
  /** A probe that asked for stats was answered with a failure that asks to wait. */
  readonly toldToWait: (retryAfterMs: number | undefined) => void;
  /** Resolves when no probe is in progress. */
  readonly probesEnded: () => Promise<void>;
}

export interface FailedRequest extends FailedId {
  readonly message: string;
  readonly disposition: Disposition;
}

export interface OutagesOptions {
  readonly clock: Clock;
  readonly observer: Observer;
  readonly lanes: Lanes;
  /** The host that deletes has answered before. */
  readonly wasReached: boolean;
  readonly pendingCount: () => number;
  /** Aborts when the run is ending, or all its work is done. */
  readonly ended: AbortSignal;
  /**
   * @param lane - `undefined`: any
   * @param ended - aborts when the probe is no longer needed
   */
  readonly probe: (lane: Lane | undefined, ended: AbortSignal) => Promise<ProbeResult | undefined>;
  /** A DELETE was answered, on any lane. */
  readonly onAnswered: () => void;
  /** All lanes wait for so long, since failures said so. */
  readonly onStandstill: (waitMs: number) => void;
  /** An outage of all begins: probes are its only requests. */
  readonly onBegin: () => void;
  /** After an outage of all: work that probes have set aside may be put back. */
  readonly onOver: () => void;
  readonly onError: (error: unknown) => void;
}

export function createOutages(options: OutagesOptions): Outages {
  const { lanes, pendingCount } = options;
  const isSingle = lanes.open.length === 1;
  /** Lanes that have failed since the last answer: one that fails faster than the others answer must not stop them. */
  const failing = new Set<Lane>();
  let isReached = options.wasReached;
  const total = createOutageProbing({
    ...options,
    lane: undefined,
    detector: createOutageDetector({
      pendingCount,
      speaksForAll: () => lanes.open.every((lane) => failing.has(lane)),
      endsInVain: () => isReached,
    }),
    probe: (ended) => options.probe(undefined, ended),
    onBegin() {
      // From now on one probe at a time stands for all lanes.
      for (const probing of single.values()) probing.end();
      lanes.hold();
      options.onBegin();
    },
    onOver() {
      lanes.release();
      options.onOver();
    },
  });
  const single: ReadonlyMap<Lane, OutageProbing> = new Map(isSingle ? [] : lanes.open.map((lane) => [lane, probingOf(lane, options)]));

  const isUnreachedBy = (disposition: Disposition): boolean =>
    !isReached && disposition.kind === 'retry' && disposition.isUnreached === true;

  return {
    isUnreachedBy,
    isActive: (lane) => total.isActive() || single.get(lane)?.isActive() === true,
    isTotal: total.isActive,
    onFailure(lane, failed) {
      const { message, disposition } = failed;
      const retryAfterMs = disposition.kind === 'retry' ? disposition.retryAfterMs : undefined;
      failing.add(lane);
      const own = single.get(lane);
      if (isUnreachedBy(disposition)) (own ?? total).begin(message);
      else {
        isReached = true;
        total.onFailure(failed, message, retryAfterMs);
        if (total.isActive()) return;
        own?.onFailure(failed, message, retryAfterMs);
      }
      if (!isSingle && lanes.open.every((one) => single.get(one)?.isActive() === true)) total.begin(message);
    },
    onAnswered(lane) {
      isReached = true;
      failing.clear();
      options.onAnswered();
      total.onAnswered();
      single.get(lane)?.onAnswered();
    },
    toldToWait: total.toldToWait,
    async probesEnded() {
      await Promise.all([total, ...single.values()].map((probing) => probing.probesEnded()));
    },
  };
}

function probingOf(lane: Lane, options: OutagesOptions): OutageProbing {
  const { pendingCount, probe } = options;
  return createOutageProbing({
    ...options,
    lane: lane.name,
    detector: createOutageDetector({ pendingCount }),
    probe: (ended) => probe(lane, ended),
    // The others go on.
    onStandstill: () => undefined,
    onBegin: () => lane.hold('outage'),
    onOver: () => lane.release('outage'),
  });
}
