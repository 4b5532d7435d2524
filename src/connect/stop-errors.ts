import type { ReadAnswer } from '../answer/answers.ts';
import { type Confirmation, describeAnswer, stopError, tooManyFailures } from '../answer/stop-texts.ts';
import { EXIT, UserError } from '../domain/errors.ts';
import type { StopReason } from '../domain/disposition.ts';
import { atOtherRoot } from '../text/api-root-text.ts';
import { escapeForTerminal } from '../text/escape.ts';
import { formatCount, formatDuration, formatLocalTime } from '../text/format.ts';
import type { Standstill } from '../pace/give-up.ts';
import type { RunCounters } from '../run/counters.ts';
import type { AccountStats } from './account-stats.ts';

/** What an error that ends the run says of the run. */
export interface RefusalContext {
  /** The API's root. */
  readonly baseUrl: string;
  /** To be pasted into a shell; as things stand when it is called. */
  readonly nextCommand: () => string;
  /** IDs deleted by this purge until now, in earlier runs too; `undefined` for a command that deletes nothing. */
  readonly deletedCount: (() => number) | undefined;
  readonly stats: AccountStats;
  /** Of this run. */
  readonly counters: Pick<RunCounters, 'deleted' | 'lastDeletedAtMs'>;
}

export interface ErrorContext extends RefusalContext {
  readonly accountId: string;
}

/** The API refused credentials, permission, account or address: exit 3. */
export function refusedError(
  reason: StopReason,
  answer: ReadAnswer,
  context: RefusalContext,
  confirmation: Confirmation = 'none',
): UserError {
  return stopError(reason, answer, {
    baseUrl: context.baseUrl,
    nextCommand: context.nextCommand(),
    deletedCount: context.deletedCount?.(),
    deletedInRun: context.counters.deleted,
    lastDeletedAtMs: context.counters.lastDeletedAtMs,
    statsAnswered: context.stats.kind === 'count',
    confirmation,
  });
}

const NOTHING_FAILED = 'Nothing was marked failed by this stop.';

/** No batch token was issued, or none is accepted any longer: exit 3. */
export function noBatchTokenError(answer: ReadAnswer, nextCommand: string, onOwnQuota: string): UserError {
  const error = { code: 'NO_BATCH_TOKEN', exitCode: EXIT.refused };
  const { disposition, retryAfterMs } = answer;
  if (disposition.kind === 'refused' && disposition.finalCode === 10502) {
    const { what, steps } = tooManyFailures(retryAfterMs);
    const nextSteps = [...steps, `Then go on with:  ${nextCommand}`, NOTHING_FAILED];
    return new UserError({ ...error, message: `${what} (${describeAnswer(answer)}).`, nextSteps });
  }
  return new UserError({
    ...error,
    message: `there is no batch token that the API both issues and accepts (${describeAnswer(answer)}).`,
    nextSteps: [
      `To try again, perhaps with fewer tokens:      ${nextCommand}`,
      `To go on without, on the account’s own quota:  ${onOwnQuota}`,
      NOTHING_FAILED,
    ],
  });
}

/** None of the IDs exists: exit 7, or exit 3 if stats cannot confirm the account. */
export function absentRuleError({ accountId, baseUrl, stats }: ErrorContext): UserError {
  const holds =
    stats.kind === 'count' ? `, which holds ${formatCount(stats.current)} images` : ` (its image count cannot be read: ${stats.why})`;
  return new UserError({
    code: 'ABSENT_RULE',
    exitCode: stats.kind === 'count' ? EXIT.guard : EXIT.refused,
    message: `${atOtherRoot(baseUrl)}none of the first IDs exists in account ${accountId}${holds}.`,
    nextSteps: [
      'Most often that is the wrong column, the wrong account, or IDs that are still percent-encoded.',
      'None of them was recorded as gone: they are pending. If they may be gone already: --expect-absent',
    ],
  });
}

/**
 * `--give-up-after` has expired, or a `Retry-After` is longer than what is left of it: exit 4.
 *
 * @param unreached - why there was never a connection
 * @param asked - what the run asks the API about
 */
export function gaveUpError(
  baseUrl: string,
  giveUpAfterMs: number,
  nextCommand: string,
  throttle: Standstill | undefined,
  unreached: string | undefined,
  asked: 'ID' | 'question' = 'ID',
): UserError {
  if (unreached !== undefined) return neverReachedError(baseUrl, giveUpAfterMs, nextCommand, unreached);
  const until = throttle === undefined ? '' : formatLocalTime(throttle.untilWallMs, throttle.untilWallMs);
  const giveUpAfter = formatDuration(giveUpAfterMs);
  const message =
    throttle === undefined
      ? `no ${asked} got a final answer for ${giveUpAfter} (--give-up-after).`
      : throttle.waitMs > giveUpAfterMs
        ? `the API asks to wait ${formatDuration(throttle.waitMs)}, until ${until}; that is longer than --give-up-after ${giveUpAfter}.`
        : `the API asks to wait again, until ${until}; ` +
          `by then no ${asked} would have got a final answer for longer than --give-up-after ${giveUpAfter}.`;
  const when = throttle === undefined ? 'Go on later with:' : `Go on after ${until} with:`;
  return new UserError({
    code: 'GAVE_UP',
    exitCode: EXIT.gaveUp,
    message: `${atOtherRoot(baseUrl)}${message}`,
    nextSteps: [`${when}  ${nextCommand}`, ...(asked === 'ID' ? ['Nothing was marked failed for it.'] : [])],
  });
}

function neverReachedError(baseUrl: string, giveUpAfterMs: number, nextCommand: string, why: string): UserError {
  return new UserError({
    code: 'GAVE_UP',
    exitCode: EXIT.gaveUp,
    message:
      `${atOtherRoot(baseUrl)}the API could not be reached for ${formatDuration(giveUpAfterMs)} (--give-up-after): ` +
      `${escapeForTerminal(why)}.`,
    nextSteps: [
      'Check the address, the network and the proxy; nothing was sent, and nothing was marked failed.',
      `Then go on with:  ${nextCommand}`,
    ],
  });
}
