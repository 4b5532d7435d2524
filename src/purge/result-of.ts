import { isWorkedOff, type RepeatedOptions } from '../checkpoint/facts.ts';
import { EXIT, type ExitCode, storageError, type UserError, weightiest } from '../domain/errors.ts';
import { type AskedCounts, type RunCounts, runEnd } from '../domain/summary.ts';
import type { RunLeft } from '../ledger/committed.ts';
import { type Ending, nameOfEnding } from '../run/halt.ts';
import { commandAfter, nextCommand } from '../advice/next-command.ts';
import type { PaceOptions } from '../run/run-options.ts';
import { likelyAbsentCause } from '../plan/absent-cause.ts';
import { quotaUse } from '../run/quota-use.ts';
import { purgeFacts } from '../inspect/summary-of.ts';
import { atOtherRoot } from '../text/api-root-text.ts';
import { countOf, formatCount, shortAccount } from '../text/format.ts';
import type { PurgeResult } from '../run/purge-result.ts';

export interface EndedRun {
  readonly mode: 'delete' | 'plan' | 'dry-run';
  readonly ending: Ending | undefined;
  /** What the checkpoint holds now. */
  readonly left: RunLeft;
  readonly run: RunCounts;
  /** Of a dry run that asks for each image. */
  readonly asked: AskedCounts | undefined;
  readonly pace: PaceOptions;
  /** `--expect-absent` */
  readonly isAbsentExpected: boolean;
  readonly checkpointPath: string;
  readonly repeated: RepeatedOptions;
  readonly reportPath: string | undefined;
}

/** Sums up a run that has written its ending. */
export function resultOf(ended: EndedRun): PurgeResult {
  const { mode, ending, left, checkpointPath, repeated, reportPath } = ended;
  const error = ending?.kind === 'error' ? ending.error : missingSource(ended);
  const exitCode = exitCodeOf(ended, error);
  const because = endedBecause(ended, error);
  return {
    exitCode,
    summary: {
      ...purgeFacts(left.facts, ended.run),
      ...(ended.asked === undefined ? {} : { asked: ended.asked }),
      ...runEnd(exitCode, because, error),
    },
    error,
    endedBecause: because,
    checkpointPath,
    // The checkpoint of a dry run goes with it.
    nextCommand: mode === 'dry-run' ? undefined : commandAfter(left.facts, checkpointPath, repeated),
    reportPath,
    failureKinds: left.failureKinds,
    absentFailures: absentFailures(left),
    absentWarning: mode === 'delete' ? absentWarning(ended) : undefined,
    quotaUse: quotaUse(ended.pace, ended.run),
  };
}

/** A run that read nothing has carried out what was accepted before, but the list was never read to its end. */
function missingSource({ mode, ending, left: { facts }, checkpointPath, repeated }: EndedRun): UserError | undefined {
  if (facts.intake.complete || facts.pending > 0 || ending !== undefined || mode !== 'delete') return undefined;
  const names = facts.sources.map(({ path }) => path).join(', ');
  return storageError('SOURCE_NOT_READ', `what was accepted has been carried out, but ${names} was never read to its end.`, [
    `Give the source again:  ${nextCommand(facts, checkpointPath, repeated)}`,
  ]);
}

/** Of all the codes that fit, the weightiest. What ended the run counts only where it kept something from being done. */
function exitCodeOf(ended: EndedRun, error: UserError | undefined): ExitCode {
  const { mode, ending, left } = ended;
  const { facts } = left;
  const { outcomes, intake, protectedAfterSending } = facts;
  const isFlawed = intake.rejected > 0 || (mode === 'delete' && outcomes.failed + protectedAfterSending + absentFailures(left) > 0);
  return weightiest(
    EXIT.done,
    ...(error === undefined ? [] : [error.exitCode]),
    ...(ending?.kind === 'stop-requested' ? [ending.request.exitCode] : []),
    ...(isWorkLeft(ended) ? [EXIT.stoppedByLimit] : []),
    ...(isFlawed ? [EXIT.doneWithFailures] : []),
  );
}

/** A plan is about what was read; its IDs stay pending. */
function isWorkLeft({ mode, left: { facts } }: EndedRun): boolean {
  switch (mode) {
    case 'delete':
      return facts.state !== 'finished';
    case 'plan':
      return !facts.intake.complete;
    case 'dry-run':
      return !isWorkedOff(facts);
  }
}

function absentFailures({ facts, absentByOthers }: RunLeft): number {
  return facts.definition.guards.failOnAbsent ? absentByOthers : 0;
}

/** Absent is not deleted: where many are, the list is more likely wrong than the account empty. */
function absentWarning({ left, isAbsentExpected }: EndedRun): string | undefined {
  const { facts, absentByOthers, manyAbsentSample } = left;
  if (manyAbsentSample.length === 0) return undefined;
  const { deleted, absent, failed } = facts.outcomes;
  const cause =
    likelyAbsentCause(manyAbsentSample) ??
    (isAbsentExpected
      ? 'deleted earlier, as --expect-absent allows'
      : 'another account, another --column, or deleted earlier (if that is so: --expect-absent)');
  const { baseUrl, accountId } = facts.definition;
  const count = `${formatCount(absentByOthers)} of ${countOf(deleted + absent + failed, 'ID')}`;
  return `${atOtherRoot(baseUrl)}${count} were not found in account ${shortAccount(accountId)}. Most likely: ${cause}.`;
}

function endedBecause(ended: EndedRun, error: UserError | undefined): string {
  const { mode, ending, pace } = ended;
  if (error !== undefined) return error.code;
  if (ending?.kind === 'stop-requested') return nameOfEnding(ending);
  if (!isWorkLeft(ended)) return { delete: 'finished', plan: 'planned', 'dry-run': 'dry run' }[mode];
  if (ending?.kind === 'limit') return nameOfEnding(ending);
  // Without an ending, work is left only where `--limit` was given.
  if (pace.sendCountMax === Infinity)
    throw new Error(`the run came to its end with ${ended.left.facts.pending} IDs pending, and nothing ended it`);
  return 'stopped by --limit';
}
