import type { ErrorCode } from '../domain/result-fields.ts';
import type { Shard } from '../domain/shard.ts';
import type { PurgeFacts, RunEnd } from '../domain/summary.ts';

/** What `status` tells of a checkpoint, running or not. */
export interface CheckpointStatus {
  readonly purge: PurgeFacts;
  /** How the last run ended; `undefined` while one works, and where it was killed. */
  readonly lastEnd: RunEnd | undefined;
  /** Of several checkpoints: shards of their lists that are not among them. */
  readonly missingShards: readonly Shard[];
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
