import type { ExitCode, UserError } from '../domain/errors.ts';
import type { FailureKind, Summary } from '../domain/summary.ts';
import type { QuotaUse } from './quota-use.ts';

/** How a run ended. `run*` functions resolve with this for every ending a person can cause; only bugs reject. */
export interface PurgeResult {
  readonly exitCode: ExitCode;
  /** `undefined` where no purge was begun or opened. */
  readonly summary: Summary | undefined;
  /** What to print as `error: …` with its next steps; `undefined` for plain endings (0, 1, 8, signals). */
  readonly error: UserError | undefined;
  /** Plain words for the ending: `finished`, `stopped by SIGINT`, `stopped by --limit` … */
  readonly endedBecause: string;
  readonly checkpointPath: string;
  /** To be pasted into a shell; `undefined` where there is nothing to resume. */
  readonly nextCommand: string | undefined;
  /** `-` for stdout, `undefined` where there is none. */
  readonly reportPath: string | undefined;
  /** Most frequent first. */
  readonly failureKinds: readonly FailureKind[];
  /** With `--fail-on-absent`: absent IDs that no request of this purge can have deleted; otherwise 0. */
  readonly absentFailures: number;
  /** Says that more than a tenth of the answered IDs were absent, and why most likely; `undefined` where they were not. */
  readonly absentWarning: string | undefined;
  /** `undefined` where nothing can be said of it. */
  readonly quotaUse: QuotaUse | undefined;
}
