import type { ReadAnswer } from '../answer/answers.ts';
import type { Second } from '../connect/refusals.ts';
import type { Lanes } from '../pace/lanes.ts';
import type { Lane, Permit } from '../pace/types.ts';
import type { Feed } from './feed.ts';
import type { Work } from './work.ts';

export interface AskAgainOptions {
  readonly feed: Pick<Feed, 'take' | 'takeThis' | 'nudge'>;
  readonly lanes: Pick<Lanes, 'takeProbe'>;
  /** Aborts when the run is ending, or all its work is done. */
  readonly ended: AbortSignal;
  /** Sends one ID. Whatever its answer is counts for the ID, as always. */
  readonly send: (work: Work, permit: Permit) => Promise<ReadAnswer | undefined>;
}

/**
 * The DELETE that shows whether a refusal lasts, with a probe's permit. The same ID is sent on the same lane; another one, or on another
 * lane, where it was sent meanwhile, waits for its next try, or its lane has closed.
 *
 * @param refused - the ID that was refused; `undefined` where something else was, or it has failed since
 * @param lane - `undefined`: any
 */
export async function askAgain(
  refused: Work | undefined,
  lane: Lane | undefined,
  { feed, lanes, ended, send }: AskAgainOptions,
): Promise<Second> {
  const permit = await lanes.takeProbe(lane?.isClosed === true ? undefined : lane, ended);
  if (permit === undefined) return { kind: 'unanswered' };
  const work = refused !== undefined && feed.takeThis(refused) ? refused : feed.take();
  if (work === undefined) {
    permit.lane.requestEnded(permit, false);
    return { kind: 'unanswered' };
  }
  const answer = await send(work, permit);
  feed.nudge();
  return secondOfDelete(answer);
}

function secondOfDelete(answer: ReadAnswer | undefined): Second {
  if (answer === undefined) return { kind: 'unanswered' };
  const { disposition } = answer;
  switch (disposition.kind) {
    case 'done':
    case 'next-request':
    case 'fail-item':
      return { kind: 'well' };
    case 'throttled':
      return { kind: 'throttled' };
    case 'stop-run':
      return { kind: 'refused', reason: disposition.reason, answer };
    case 'retry':
      return { kind: 'unanswered', retryAfterMs: disposition.retryAfterMs };
    // The lane gets another token, or closes; either way the next answer tells more.
    case 'refused':
      return { kind: 'unanswered' };
  }
}
