import type { UserError } from '../domain/errors.ts';
import type { PurgeResult } from './types.ts';

/** A run that ended before it had a purge to sum up. */
export function refusedResult(error: UserError, checkpointPath: string, reportPath: string | undefined): PurgeResult {
  return { exitCode: error.exitCode, summary: undefined, error, endedBecause: error.code, checkpointPath, reportPath, failureKinds: [], absentFailures: 0 };
}
