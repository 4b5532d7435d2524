import { readStatsAnswer } from '../delete/answers.ts';
import type { Permit } from '../pace/types.ts';
import { refusedError } from './deleting-errors.ts';
import type { DeletingOptions } from './deleting.ts';
import type { Feed, Work } from './feed.ts';

export interface Probe {
  /** Sends one probe. */
  readonly once: () => Promise<{ isAnswered: boolean; id: string | undefined }>;
  /** Keeps work that failed during the outage, so that the next probe is of another ID. */
  readonly setAside: (work: Work) => void;
  /** Gives back the work set aside. */
  readonly release: () => void;
}

export interface ProbeEffects {
  readonly options: DeletingOptions;
  readonly feed: Feed;
  readonly send: (work: Work, permit: Permit) => Promise<boolean>;
  readonly waitForPermit: () => Promise<Permit | undefined>;
}

/** Probes during an outage: stats where these credentials may read them, otherwise a pending ID, another each time. */
export function createProbe({ options, feed, send, waitForPermit }: ProbeEffects): Probe {
  const aside: Work[] = [];

  const release = (): void => {
    for (const work of aside.splice(0)) feed.putBack(work);
    // Where nothing came back, workers may be waiting for nothing but the end of the outage.
    feed.nudge();
  };

  async function probeStats(permit: Permit): Promise<boolean> {
    options.counters.requests++;
    const exchange = await options.client.imageStats();
    const answer = readStatsAnswer(exchange, options.deps.clock.wallMs());
    if (answer.kind === 'retry') return false;
    if (answer.kind === 'throttled') permit.lane.throttled(permit, answer.retryAfterMs);
    else permit.lane.answered(permit);
    if (answer.kind === 'stop-run') options.halt.fail(refusedError(answer.reason, answer.answer, options));
    return true;
  }

  /** Otherwise everything waits for its next try: that time will come. */
  function isNothingLeft(): boolean {
    return feed.isExhausted() && options.counters.inFlight === 0;
  }

  return {
    setAside: (work) => void aside.push(work),
    release,
    async once() {
      const permit = await waitForPermit();
      if (permit === undefined) return { isAnswered: false, id: undefined };
      if (options.stats.kind === 'count') return { isAnswered: await probeStats(permit), id: undefined };
      let work = feed.take();
      const isAgain = work === undefined;
      if (work === undefined) {
        release();
        work = feed.take();
      }
      if (work === undefined) return { isAnswered: isNothingLeft(), id: undefined };
      // While others wait for their next try, one that comes round again does not say that each has been probed.
      const isRound = !isAgain || feed.waitingCount === 0;
      const isAnswered = await send(work, permit);
      return { isAnswered, id: isRound ? work.id : undefined };
    },
  };
}
