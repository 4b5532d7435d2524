import { statsQuestion } from '../connect/account-stats.ts';
import type { Lane, Permit } from '../pace/types.ts';
import { refusedError } from '../connect/stop-errors.ts';
import type { DeletingOptions } from './deleting.ts';
import { askWithPermit } from '../connect/paced-request.ts';
import type { Feed, Work } from './feed.ts';
import type { ProbeResult } from './outage-watch.ts';

export interface Probe {
  /** Sends one probe, on one lane where one is given. */
  readonly once: (lane: Lane | undefined) => Promise<ProbeResult>;
  /** Keeps work that failed during an outage of all, so that the next probe is of another ID. */
  readonly setAside: (work: Work) => void;
  /** Whether work is set aside. */
  readonly holdsWork: () => boolean;
  /** Gives back the work set aside. */
  readonly release: () => void;
}

export interface ProbeEffects {
  readonly options: DeletingOptions;
  readonly feed: Feed;
  /** Aborts when the run has been told to end, or all its work is done. */
  readonly ended: AbortSignal;
  readonly send: (work: Work, permit: Permit) => Promise<boolean>;
  /** Lets a worker that holds an ID and waits for a permit send it with this one; `undefined` where none does. */
  readonly handToWorker: (permit: Permit) => Promise<ProbeResult> | undefined;
}

/** A refusal is believed whenever it comes, while the run already ends too. */
const NEVER: AbortSignal = new AbortController().signal;

export const NO_PROBE: ProbeResult = { isAnswered: false, id: undefined };

/**
 * Probes during an outage: stats where these credentials may read them and the account's own lane deletes, otherwise a
 * pending ID, another each time.
 */
export function createProbe({ options, feed, ended, send, handToWorker }: ProbeEffects): Probe {
  const { access, lanes, counters, deps, halt, stats } = options;
  const aside: Work[] = [];
  /** IDs that have been probed are among the others again. */
  let isLaterRound = false;

  const bringBack = (): void => {
    isLaterRound = aside.length > 0;
    for (const work of aside.splice(0)) feed.putBack(work);
    // Where nothing came back, workers may be waiting for nothing but the end of the outage.
    feed.nudge();
  };

  async function probeStats(): Promise<ProbeResult> {
    const permit = await access.account.takeProbe(undefined, ended);
    if (permit === undefined) return NO_PROBE;
    const asking = { clock: deps.clock, counters, onThrottled: options.onThrottled, ended: NEVER };
    const answer = await askWithPermit(statsQuestion(access.reader), permit, asking);
    if (answer === undefined || answer.kind === 'retry') return NO_PROBE;
    if (answer.kind === 'stop-run') halt.fail(refusedError(answer.reason, answer.answer, options));
    return { isAnswered: true, id: undefined };
  }

  /** Otherwise everything waits for its next try: that time will come. */
  function isNothingLeft(): boolean {
    return feed.isExhausted() && counters.inFlight === 0;
  }

  /** During an outage of all, IDs set aside come round again; while other lanes work, nothing is set aside. */
  async function probePending(lane: Lane | undefined): Promise<ProbeResult> {
    const permit = await lanes.takeProbe(lane, ended);
    if (permit === undefined) return NO_PROBE;
    // Near the end of a list all that is left is in the workers' hands; and whoever waits longest has not been probed yet.
    const handed = handToWorker(permit);
    if (handed !== undefined) {
      const { isAnswered, id } = await handed;
      return { isAnswered, id: isLaterRound && feed.waitingCount > 0 ? undefined : id };
    }
    let work = feed.take();
    const isAgain = work === undefined;
    if (work === undefined && lane === undefined) {
      bringBack();
      work = feed.take();
    }
    if (work === undefined) {
      permit.lane.settled(permit, false);
      return { isAnswered: isNothingLeft(), id: undefined };
    }
    // While others wait for their next try, one that comes round again does not say that each has been probed.
    const isRound = !isAgain || feed.waitingCount === 0;
    const isAnswered = await send(work, permit);
    return { isAnswered, id: isRound ? work.id : undefined };
  }

  return {
    setAside: (work) => void aside.push(work),
    holdsWork: () => aside.length > 0,
    release() {
      bringBack();
      isLaterRound = false;
    },
    // Stats say nothing about the batch host.
    once: (lane) => (stats.kind === 'count' && lanes === access.account ? probeStats() : probePending(lane)),
  };
}
