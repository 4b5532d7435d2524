import type { CheckpointFacts } from '../checkpoint/facts.ts';
import { UserError } from '../domain/errors.ts';
import { endByError, type RunEnd, runEnd } from '../domain/summary.ts';
import type { Shard } from '../domain/shard.ts';
import { widerAge } from '../domain/spelling/newer-rule.ts';
import { type Ledger, startLedger } from '../ledger/ledger.ts';
import { createCounters, toRunCounts } from '../run/counters.ts';
import { accountNotLocked } from '../run/account-not-locked.ts';
import { createHalt, exitCodeOfEnding, type Halt, nameOfEnding } from '../run/halt.ts';
import { excluding, nextCommand } from '../advice/next-command.ts';
import type { ApiOptions, GivenCommand, PaceOptions } from '../run/run-options.ts';
import { purgeFacts } from '../inspect/summary-of.ts';
import { recordEnd } from './write-ending.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { PurgeResult } from '../run/purge-result.ts';
import { StoppedEarly } from '../run/until-aborted.ts';

export interface LedgerUse {
  readonly checkpointPath: string;
  readonly reportPath: string | undefined;
  readonly excludePaths: readonly string[];
  readonly excludeColumn: string | undefined;
  readonly excludeLiteral: boolean;
  readonly excludeIds: readonly string[];
  readonly newerThanMs: number | null;
  readonly given: GivenCommand;
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
    const ended = endedEarly(error, halt);
    if (ended === undefined) throw error;
    const { end, facts } = ended;
    await recordEnd(ledger, end, deps);
    const result = withoutPurge(end, error instanceof UserError ? error : undefined, use);
    if (facts === undefined) return result;
    const counts = toRunCounts(counters, clock.monotonicMs());
    return {
      ...result,
      summary: { ...purgeFacts(facts, counts), ...end },
      nextCommand: commandAfterStop(facts, use),
    };
  } finally {
    halt.release();
    await ledger.close({ removeCheckpoint: use.removesCheckpoint });
  }
}

/** With what protects this run, which had not recorded it yet. A list that is given again has its age among its guards. */
function commandAfterStop(facts: CheckpointFacts, use: LedgerUse): string {
  const { definition, intake } = facts;
  const guards = { ...definition.guards, newerThanMs: widerAge(definition.guards.newerThanMs, use.newerThanMs) };
  const command = nextCommand({ ...facts, definition: { ...definition, guards } }, use.checkpointPath, use.given.repeated);
  return excluding(command, intake.complete ? use : { ...use, newerThanMs: null });
}

/** How a run ended that did not come to its work; `undefined` for a defect. `facts` are of the purge it would have resumed. */
function endedEarly(error: unknown, halt: Halt): { readonly end: RunEnd; readonly facts: CheckpointFacts | undefined } | undefined {
  if (error instanceof UserError) return { end: endByError(error), facts: undefined };
  const { ending } = halt;
  if (!(error instanceof StoppedEarly) || ending === undefined || ending.kind === 'error') return undefined;
  return { end: runEnd(exitCodeOfEnding(ending), nameOfEnding(ending), undefined), facts: error.facts };
}

function withoutPurge(
  { exitCode, endedBecause }: RunEnd,
  error: UserError | undefined,
  { checkpointPath, reportPath }: LedgerUse,
): PurgeResult {
  return {
    exitCode,
    summary: undefined,
    error,
    endedBecause,
    checkpointPath,
    nextCommand: undefined,
    reportPath,
    failureKinds: [],
    absentFailures: 0,
    absentWarning: undefined,
    quotaUse: undefined,
  };
}

/** A run that uses the account's own quota, all of it, holds the account: another one on this machine would use it a second time. */
export async function holdAccount(
  ledger: Ledger,
  { observer }: Pick<PurgeDeps, 'observer'>,
  { accountId, baseUrl }: Pick<ApiOptions, 'accountId' | 'baseUrl'>,
  { pace, shard }: { readonly pace: PaceOptions; readonly shard: Shard | null },
): Promise<void> {
  if (pace.quotaRedisUrl !== undefined || pace.batchTokenCount > 0 || shard !== null) return;
  const why = await ledger.ask('lockAccount', { accountId, baseUrl }, pace.mayRunInParallel);
  if (why !== undefined) observer.event(accountNotLocked(why));
}
