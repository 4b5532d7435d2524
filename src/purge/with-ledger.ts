import { EXIT, type ExitCode, UserError } from '../domain/errors.ts';
import { type Ledger, startLedger } from '../ledger/ledger.ts';
import { createCounters, toRunCounts } from '../run/counters.ts';
import { createHalt, type Ending, type Halt } from '../run/halt.ts';
import { nextCommandExcluding } from '../advice/next-command.ts';
import type { PaceOptions } from '../run/run-options.ts';
import { summaryOf } from '../inspect/summary-of.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { PurgeResult } from '../run/purge-result.ts';
import { StoppedEarly } from '../run/until-aborted.ts';

export interface LedgerUse {
  readonly checkpointPath: string;
  readonly reportPath: string | undefined;
  readonly excludePaths: readonly string[];
  readonly excludeColumn: string | undefined;
  readonly allowNetworkCheckpoint: boolean;
  /** A dry run leaves nothing. */
  readonly removesCheckpoint: boolean;
  readonly pace: Pick<PaceOptions, 'runDurationMsMax'>;
}

/**
 * Holds the checkpoint's lock while `work` runs. A refusal, and a stop before there is a purge to work on, become results.
 *
 * @param work - is given the ledger, the checkpoint's path with symbolic links resolved, and what tells the run to end
 */
export async function withLedger(
  use: LedgerUse,
  deps: PurgeDeps,
  work: (ledger: Ledger, realPath: string, halt: Halt) => Promise<PurgeResult>,
): Promise<PurgeResult> {
  const { observer, clock } = deps;
  const counters = createCounters(clock.monotonicMs());
  const halt = createHalt(deps, use.pace.runDurationMsMax);
  const ledger = startLedger();
  try {
    const { path, warning } = await ledger.ask('lock', use.checkpointPath, use.allowNetworkCheckpoint);
    if (warning !== undefined) observer.event({ kind: 'warning', code: 'CHECKPOINT_FILE_SYSTEM', message: warning });
    return await work(ledger, path, halt);
  } catch (error) {
    if (error instanceof UserError) return endedEarly({ exitCode: error.exitCode, because: error.code, error }, use);
    if (error instanceof StoppedEarly && halt.ending !== undefined && halt.ending.kind !== 'error') {
      const stop = stopOf(halt.ending);
      if (error.facts === undefined) return endedEarly({ ...stop, error: undefined }, use);
      const summary = summaryOf(error.facts, toRunCounts(counters, clock.monotonicMs()), stop.exitCode);
      return {
        ...endedEarly({ ...stop, error: undefined }, use),
        summary,
        nextCommand: nextCommandExcluding(use, error.facts, use.checkpointPath),
      };
    }
    throw error;
  } finally {
    halt.release();
    await ledger.close({ removeCheckpoint: use.removesCheckpoint });
  }
}

function stopOf(ending: Exclude<Ending, { kind: 'error' }>): { exitCode: ExitCode; because: string } {
  if (ending.kind === 'limit') return { exitCode: EXIT.stoppedByLimit, because: `stopped by ${ending.option}` };
  return { exitCode: ending.request.exitCode, because: `stopped by ${ending.request.name}` };
}

/** A run that ended before it did anything. */
function endedEarly(
  { exitCode, because, error }: { exitCode: ExitCode; because: string; error: UserError | undefined },
  { checkpointPath, reportPath }: LedgerUse,
): PurgeResult {
  return {
    exitCode,
    summary: undefined,
    error,
    endedBecause: because,
    checkpointPath,
    nextCommand: undefined,
    reportPath,
    failureKinds: [],
    absentFailures: 0,
    absentWarning: undefined,
    quotaUse: undefined,
  };
}
