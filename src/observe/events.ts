import type { Summary } from '../domain/summary.ts';

/** What happens in a run that a person or a log should hear of. Texts from outside are escaped where they are shown. */
export type PurgeEvent =
  | { readonly kind: 'run.started'; readonly job: string; readonly checkpointPath: string; readonly reportPath: string; readonly isGoingOn: boolean; readonly pending: number }
  | { readonly kind: 'intake.started'; readonly sources: readonly string[] }
  | { readonly kind: 'intake.finished'; readonly accepted: number; readonly duplicates: number; readonly protected: number; readonly rejected: number; readonly skipped: number; readonly elapsedMs: number }
  | { readonly kind: 'lane.throttled'; readonly lane: string; readonly waitMs: number; readonly untilWallMs: number }
  | { readonly kind: 'outage.started'; readonly failures: number; readonly lastError: string }
  | { readonly kind: 'outage.probed'; readonly answered: boolean; readonly nextProbeMs: number }
  | { readonly kind: 'outage.ended'; readonly elapsedMs: number }
  | { readonly kind: 'item.failed'; readonly id: string; readonly httpStatus: number | undefined; readonly code: number | undefined; readonly message: string | undefined }
  | { readonly kind: 'item.retried'; readonly id: string; readonly attempt: number; readonly delayMs: number; readonly httpStatus: number | undefined; readonly message: string | undefined }
  | { readonly kind: 'stopping'; readonly reason: string; readonly inFlight: number }
  | { readonly kind: 'warning'; readonly code: string; readonly message: string }
  | { readonly kind: 'run.finished'; readonly summary: Summary; readonly stoppedBecause: string };

/** Where a run stands, for a bar or a log line; cheap to take. */
export interface ProgressSnapshot {
  readonly phase: 'reading' | 'deleting' | 'stopping' | 'finishing';
  readonly isIntakeComplete: boolean;
  readonly rows: number;
  /** Accepted so far; grows while intake reads. */
  readonly total: number;
  /** Outcomes of the whole purge so far. */
  readonly done: number;
  readonly deleted: number;
  readonly absent: number;
  readonly failed: number;
  readonly inFlight: number;
  readonly retries: number;
  /** Answers of this run a second, over the last few seconds. */
  readonly perSecond: number;
  /** `undefined` where it cannot be told yet. */
  readonly etaMs: number | undefined;
  readonly lanes: readonly { readonly name: string; readonly ratePerSecond: number; readonly pausedForMs: number }[];
}

export interface Observer {
  event(event: PurgeEvent): void;
}
