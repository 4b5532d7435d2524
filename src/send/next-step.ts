import type { ReadAnswer } from '../answer/answers.ts';
import { waitBeforeRetryMs } from '../answer/retry-timing.ts';
import type { StreakKind } from '../answer/streaks.ts';
import type { StopReason } from '../domain/disposition.ts';
import type { Work } from './work.ts';

/** Whether an answer is accepted by itself (`none`), or only if not too many of its kind come in a row. */
export type Streak = StreakKind | 'none';

/** What to do with an ID after its request; named by what happens next. */
export type NextStep =
  /** The ID's next request follows as soon as there is a permit. */
  | { readonly kind: 'send-next' }
  /** The answer is final. */
  | { readonly kind: 'finish'; readonly outcome: 'deleted' | 'absent' | 'failed'; readonly streak: Streak }
  /** The last attempt failed too. */
  | { readonly kind: 'fail-for-good' }
  /** The request counts as an attempt; another one follows. */
  | { readonly kind: 'retry'; readonly delayMs: number }
  /** A 429: the request does not count, and the ID is sent again as soon as there is a permit. */
  | { readonly kind: 'send-again' }
  /** The lane's token was refused: the request does not count, and the ID is sent again after the delay, which may be 0. */
  | { readonly kind: 'send-with-new-token'; readonly delayMs: number }
  /**
   * The request failed during an outage. It does not count; the ID waits until another lane sends it, or the outage is over, and at least
   * as long as its answer asked for.
   */
  | { readonly kind: 'wait-out-outage'; readonly waitMs: number }
  /** The ID is pending again; the run ends, or goes on where the refusal was a mistake. */
  | { readonly kind: 'stop-run'; readonly reason: StopReason };

export interface TryingAgain {
  readonly attemptsMax: number;
  readonly random: () => number;
  /** The lane had an outage when the answer came: no attempts are counted. */
  readonly isOutage: boolean;
}

/** An ID for which tokens are refused repeatedly waits longer each time, so that others show whether the token or the ID is at fault. */
const REFUSED_DELAY_MS_FIRST = 1_000;
const REFUSED_DELAY_MS_MAX = 60_000;

/** Decides what follows from an answer for its ID; changes nothing. */
export function nextStep(work: Work, { disposition }: ReadAnswer, policy: TryingAgain): NextStep {
  switch (disposition.kind) {
    case 'done':
      return { kind: 'finish', outcome: disposition.outcome, streak: 'none' };
    case 'next-request':
      return { kind: 'send-next' };
    case 'fail-item':
      return { kind: 'finish', outcome: 'failed', streak: disposition.streak };
    case 'retry':
      return afterFailure(work.attempts + 1, disposition.retryAfterMs, policy);
    case 'throttled':
      return { kind: 'send-again' };
    case 'refused':
      return { kind: 'send-with-new-token', delayMs: refusedDelayMs(work.refusals ?? 0) };
    case 'stop-run':
      return { kind: 'stop-run', reason: disposition.reason };
  }
}

/** The wait that the answer asked for stands in the delay: until it is over, the ID is not sent and uses up no further attempt. */
function afterFailure(attempts: number, retryAfterMs: number | undefined, { attemptsMax, random, isOutage }: TryingAgain): NextStep {
  if (isOutage) return { kind: 'wait-out-outage', waitMs: retryAfterMs ?? 0 };
  if (attempts >= attemptsMax) return { kind: 'fail-for-good' };
  return { kind: 'retry', delayMs: waitBeforeRetryMs(attempts, retryAfterMs, random) };
}

/** @param refusedBefore - refusals before this one */
function refusedDelayMs(refusedBefore: number): number {
  return refusedBefore === 0 ? 0 : Math.min(REFUSED_DELAY_MS_FIRST * 2 ** (refusedBefore - 1), REFUSED_DELAY_MS_MAX);
}
