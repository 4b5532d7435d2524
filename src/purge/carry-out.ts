import type { CheckpointFacts } from '../checkpoint/facts.ts';
import { runEnd, type Summary } from '../domain/summary.ts';
import { type Reading, startReading } from '../intake/reading.ts';
import { takeDigest } from '../intake/take-digest.ts';
import { formatCount } from '../text/format.ts';
import type { PurgeResult } from '../run/purge-result.ts';
import { createProgress } from '../run/progress-board.ts';
import { type AskingTask, rehearseAsking } from './account/asking.ts';
import { Deletion, type DeletionTask } from './deletion.ts';
import { createPurgeRun, type PurgeRun, type RunInput } from './purge-run.ts';
import { type RehearsalTask, rehearse } from './rehearsal.ts';
import { resultOf } from './result-of.ts';
import { recordEnd, writeEnding } from './write-ending.ts';

const LOOK_AT_REPORT = 'the report has "earlierUnknown" in the line of each.';

/** What is done with the list. Only the task of deleting holds what a connection is made with that deletes. */
export type RunTask = DeletionTask | RehearsalTask | AskingTask;

export interface CarryOutOptions extends RunInput {
  readonly task: RunTask;
}

/** Reads, deletes and records side by side on an open checkpoint; then writes how the run ended and returns it. */
export async function carryOut(options: CarryOutOptions): Promise<PurgeResult> {
  const { task, deps, pace, checkpointPath, repeated, reportPath } = options;
  const run = createPurgeRun(options);
  const work = workOf(run, task);
  await toItsEnd(run, work);
  const { left, counts, ending } = await writeEnding(run, task.mode, work.deletion);
  const result = resultOf({
    mode: task.mode,
    ending,
    left,
    run: counts,
    asked: task.mode !== 'delete' && task.asking !== undefined ? run.counters.asked : undefined,
    pace,
    isAbsentExpected: task.mode === 'delete' && task.expectAbsent,
    checkpointPath,
    repeated,
    reportPath,
  });
  await recordEnd(run.ledger, runEnd(result.exitCode, result.endedBecause, result.error), deps);
  const count = left.facts.protectedAfterSending;
  if (count > 0) {
    const ids = count === 1 ? '1 ID was' : `${formatCount(count)} IDs were`;
    const message = `${ids} sent before being protected, and may be deleted: ${LOOK_AT_REPORT}`;
    deps.observer.event({ kind: 'warning', code: 'PROTECTED_TOO_LATE', message });
  }
  if (result.absentWarning !== undefined) deps.observer.event({ kind: 'warning', code: 'MANY_ABSENT', message: result.absentWarning });
  if (result.summary !== undefined)
    deps.observer.event({ kind: 'run.finished', summary: forLog(result.summary), stoppedBecause: result.endedBecause });
  return result;
}

/** What to do next is for the person who reads the ending, which says it once. */
function forLog(summary: Summary): Summary {
  return summary.error === null ? summary : { ...summary, error: { ...summary.error, nextSteps: [] } };
}

interface Work {
  /** Called when reading has begun. */
  readonly begin: (reading: Reading) => Promise<void>;
  /** `undefined` where nothing is sent. */
  readonly deletion: Deletion | undefined;
}

function workOf(run: PurgeRun, task: RunTask): Work {
  if (task.mode !== 'delete') {
    const begin = (reading: Reading): Promise<void> =>
      task.asking === undefined ? rehearse(run, task, reading) : rehearseAsking(run, task, reading);
    return { begin, deletion: undefined };
  }
  const deletion = new Deletion(run, task);
  return { begin: (reading) => deletion.begin(reading), deletion };
}

/** Resolves when everything that was started has ended. */
async function toItsEnd(run: PurgeRun, { begin, deletion }: Work): Promise<void> {
  const { halt, board, stdoutReport } = run;
  halt.signal.addEventListener('abort', () => (board.phase = 'stopping'), { once: true });
  try {
    await recordLeftovers(run, deletion?.retriesFailed ?? false);
    const reading = await startToRead(run);
    await begin(reading).catch((error: unknown) => halt.fail(error));
    await reading.done;
    await deletion?.whenDone().catch((error: unknown) => halt.fail(error));
    await deletion?.verify();
  } catch (error) {
    halt.fail(error);
  } finally {
    board.phase = 'finishing';
    await stdoutReport.flush();
    await deletion?.close();
    halt.release();
  }
  halt.throwBug();
}

/** Before this run reads or sends anything: report lines that earlier runs could not write, IDs to retry, protected IDs. */
async function recordLeftovers(run: PurgeRun, retriesFailed: boolean): Promise<void> {
  const { halt, ledger, stdoutReport, untilNothingIsLeft } = run;
  await untilNothingIsLeft(() => ledger.ask('tellSome'));
  // Flushed first: reading a list again gives failed IDs new numbers, and lines still to be written are found by the old ones.
  await stdoutReport.flush();
  // Failed IDs are reported before they become pending again. The protect list then applies to them too.
  if (retriesFailed && !halt.signal.aborted) await ledger.ask('putBackFailed');
  // Before anything more is protected: more protection leaves the digest as it is.
  if (lacksDigest(await ledger.ask('facts'))) await takeDigest(ledger, halt.signal);
  await untilNothingIsLeft(() => ledger.ask('protectSome'));
}

/** A kill came between, or an older version has read the list. Where that one took a shard of it, the rest is not known any more. */
function lacksDigest({ digest, intake, definition }: CheckpointFacts): boolean {
  return intake.complete && digest === undefined && definition.otherShardsCount !== null;
}

async function startToRead(run: PurgeRun): Promise<Reading> {
  const { deps, halt, ledger, sources, isDeliveryUrls, isLiteral, shard, board, stdoutReport, counters } = run;
  const before = await ledger.ask('facts');
  board.accepted = before.intake.accepted;
  board.isIntakeComplete = before.intake.complete;
  deps.onProgressReady(createProgress(deps.clock, counters, before.outcomes, board));
  return startReading({ deps, halt, ledger, sources, isDeliveryUrls, isLiteral, shard, board, stdoutReport });
}
