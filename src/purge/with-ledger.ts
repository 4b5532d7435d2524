import { type ExitCode, UserError } from '../domain/errors.ts';
import { type Ledger, startLedger } from '../ledger/ledger.ts';
import type { PurgeDeps, PurgeResult } from './types.ts';
import { StoppedEarly } from './until-aborted.ts';

export interface LedgerUse {
  readonly checkpointPath: string;
  readonly reportPath: string | undefined;
  readonly allowNetworkCheckpoint: boolean;
  /** A dry run leaves nothing. */
  readonly removesCheckpoint: boolean;
}

/**
 * Takes the checkpoint's lock for as long as `work` runs; a refusal becomes a result.
 *
 * @param work - is given the ledger and where the checkpoint really lies
 */
export async function withLedger(use: LedgerUse, { observer }: PurgeDeps, work: (ledger: Ledger, realPath: string) => Promise<PurgeResult>): Promise<PurgeResult> {
  const ledger = startLedger();
  try {
    const { path, warning } = await ledger.ask('lock', use.checkpointPath, use.allowNetworkCheckpoint);
    if (warning !== undefined) observer.event({ kind: 'warning', code: 'CHECKPOINT_FILE_SYSTEM', message: warning });
    return await work(ledger, path);
  } catch (error) {
    if (error instanceof UserError) return endedEarly(error.exitCode, error.code, error, use);
    if (error instanceof StoppedEarly) return endedEarly(error.request.exitCode, error.message, undefined, use);
    throw error;
  } finally {
    await ledger.close({ removeCheckpoint: use.removesCheckpoint });
  }
}

/** A run that ended before it had a purge to sum up. */
function endedEarly(exitCode: ExitCode, endedBecause: string, error: UserError | undefined, { checkpointPath, reportPath }: LedgerUse): PurgeResult {
  return { exitCode, summary: undefined, error, endedBecause, checkpointPath, reportPath, failureKinds: [], absentFailures: 0, quotaUse: undefined };
}
