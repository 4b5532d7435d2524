import type { Clock } from '../domain/clock.ts';
import type { ExitCode, UserError } from '../domain/errors.ts';
import type { Summary } from '../domain/summary.ts';
import type { Observer, ProgressSnapshot } from '../observe/events.ts';
import type { AskPerson, PlanSummary } from './options.ts';
import type { QuotaUse } from './quota-use.ts';

/** Why a stop was asked for from outside: a signal, or a program's AbortSignal (130). */
export interface StopRequest {
  readonly exitCode: 5 | 129 | 130 | 143;
  /** `SIGTERM`, `aborted by the program`, `stdout closed` … */
  readonly name: string;
}

/** What a run needs from the world around it. */
export interface PurgeDeps {
  readonly clock: Clock;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
  readonly observer: Observer;
  /** `undefined`: there is no one to ask. */
  readonly ask: AskPerson | undefined;
  /** Called after the intake of a plan or a dry run, with what a person should review. */
  readonly onPlan?: (plan: PlanSummary) => void;
  /** Aborts on the first signal; its `reason` is a {@link StopRequest}. */
  readonly stop: AbortSignal;
  /** Writes report lines to stdout (`--report -`), honouring backpressure; rejects once stdout has closed, with a `UserError` where it cannot be written. */
  readonly writeReportText: (text: string) => Promise<void>;
  /** A secret that has come to light during the run: it must appear nowhere. */
  readonly onSecret?: (text: string) => void;
  /** Called once, when there is something to show. */
  readonly onProgressReady: (snapshot: () => ProgressSnapshot) => void;
}

/** Failures of the whole purge that are alike, most frequent first. */
export interface FailureKind {
  readonly count: number;
  readonly httpStatus: number | undefined;
  readonly code: number | undefined;
  readonly message: string | undefined;
}

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
  /** To be pasted into a shell; `undefined` where there is nothing to go on with. */
  readonly goOnCommand: string | undefined;
  /** `-` for stdout, `undefined` where there is none. */
  readonly reportPath: string | undefined;
  readonly failureKinds: readonly FailureKind[];
  /** With `--fail-on-absent`: absent IDs that no request of this purge can have deleted; otherwise 0. */
  readonly absentFailures: number;
  /** `undefined` where nothing can be said of it. */
  readonly quotaUse: QuotaUse | undefined;
}

/** What `status` tells of a checkpoint, running or not. */
export interface CheckpointStatus {
  readonly summary: Summary;
  readonly checkpointPaths: readonly string[];
  /** To be pasted into a shell; `undefined` for several checkpoints and for a finished one. */
  readonly goOnCommand: string | undefined;
  readonly isRunning: boolean;
  /** Milliseconds since 1970. */
  readonly lastWorkedAtMs: number;
  /** Finished in a second by the running (or last) run. */
  readonly ratePerSecond: number;
  readonly etaMs: number | undefined;
  /** Newest first, at most 5. */
  readonly lastErrors: readonly { readonly id: string; readonly atMs: number; readonly httpStatus: number | undefined; readonly code: number | undefined; readonly message: string | undefined }[];
}

export interface ReportRequest {
  readonly checkpointPaths: readonly string[];
  readonly format: 'ndjson' | 'csv';
  /** `undefined`: every outcome. */
  readonly outcomes: readonly ('deleted' | 'absent' | 'failed' | 'protected' | 'rejected' | 'planned')[] | undefined;
  /** `undefined`: stdout. A file appears only when it is complete. */
  readonly outPath: string | undefined;
}
