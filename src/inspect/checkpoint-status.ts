import type { ErrorCode } from '../domain/result-fields.ts';
import type { Summary } from '../domain/summary.ts';

/** What `status` tells of a checkpoint, running or not. */
export interface CheckpointStatus {
  readonly summary: Summary;
  readonly checkpointPaths: readonly string[];
  /** To be pasted into a shell; `undefined` for several checkpoints and for a finished one. */
  readonly nextCommand: string | undefined;
  readonly isRunning: boolean;
  /** Milliseconds since 1970. */
  readonly lastWorkedAtMs: number;
  /** Finished in a second by the running (or last) run. */
  readonly ratePerSecond: number;
  readonly etaMs: number | undefined;
  /** Newest first, at most 5. */
  readonly lastErrors: readonly {
    readonly id: string;
    readonly atMs: number;
    readonly httpStatus: number | undefined;
    readonly code: ErrorCode | undefined;
    readonly message: string | undefined;
  }[];
}
