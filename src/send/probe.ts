import type { Clock } from '../domain/clock.ts';
import type { Lanes } from '../pace/lanes.ts';
import type { Lane, Permit } from '../pace/types.ts';
import type { RunCounters } from '../run/counters.ts';
import type { Feed } from './feed.ts';
import type { Work } from './work.ts';
import type { ProbeResult } from './outage-probing.ts';

export interface ProbeOptions {
  readonly feed: Feed;
  readonly lanes: Lanes;
  readonly counters: RunCounters;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Sends one ID; returns whether the API answered. */
  readonly send: (work: Work, permit: Permit) => Promise<boolean>;
  /** Asks for the account's stats instead; `undefined` if they cannot be read, or say nothing about the host that deletes. */
  readonly askStats: ((ended: AbortSignal) => Promise<ProbeResult | undefined>) | undefined;
}

export interface Probe {
  /** An outage of all lanes begins. */
  readonly begin: () => void;
  /** A DELETE was answered. */
  readonly answered: () => void;
  /** Sends one probe, on the given lane or on any; `undefined` where nothing could be sent until `ended` aborts. */
  readonly once: (lane: Lane | undefined, ended: AbortSignal) => Promise<ProbeResult | undefined>;
  /** The outage of all lanes is over: IDs set aside are sent like any others. */
  readonly release: () => void;
}

/** An outage that comes back so soon after stats were answered, or before any DELETE was, shows that they say nothing of DELETEs. */
const STATS_DOUBTED_MS = 60_000;

/** Probes during an outage: asks for the account's stats if that says enough, otherwise sends a pending ID, another one each time. */
export function createProbe({ feed, lanes, counters, clock, send, askStats }: ProbeOptions): Probe {
  let statsAnsweredAtMs = -Infinity;
  let isDeleteAnsweredSince = true;
  let areStatsDoubted = false;

  /** During an outage of all lanes, IDs set aside are probed again. While other lanes work, nothing is set aside. */
  function takeWork(lane: Lane | undefined): Work | undefined {
    const work = feed.take();
    if (work !== undefined || lane !== undefined) return work;
    feed.bringBack();
    return feed.take();
  }

  /** If this is `false`, IDs wait for their next attempt or are in flight, and can be probed later. */
  function isNothingLeft(): boolean {
    return feed.isExhausted() && counters.inFlight === 0;
  }

  async function probePending(lane: Lane | undefined, ended: AbortSignal): Promise<ProbeResult | undefined> {
    const permit = await lanes.takeProbe(lane, ended);
    if (permit === undefined) return undefined;
    const work = takeWork(lane);
    if (work === undefined) {
      permit.lane.requestEnded(permit, false);
      return isNothingLeft() ? { isAnswered: true, id: undefined } : undefined;
    }
    const isAnswered = await send(work, permit);
    feed.nudge();
    return { isAnswered, id: work.id };
  }

  async function probeStats(ask: NonNullable<typeof askStats>, ended: AbortSignal): Promise<ProbeResult | undefined> {
    const result = await ask(ended);
    if (result?.isAnswered !== true) return result;
    statsAnsweredAtMs = clock.monotonicMs();
    isDeleteAnsweredSince = false;
    return result;
  }

  return {
    begin() {
      areStatsDoubted = !isDeleteAnsweredSince || clock.monotonicMs() - statsAnsweredAtMs <= STATS_DOUBTED_MS;
    },
    answered() {
      isDeleteAnsweredSince = true;
    },
    once: (lane, ended) => (askStats === undefined || areStatsDoubted ? probePending(lane, ended) : probeStats(askStats, ended)),
    release: () => feed.release(),
  };
}
