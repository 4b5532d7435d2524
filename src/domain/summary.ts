import type { ExitCode } from './errors.ts';

export interface IntakeCounts {
  readonly complete: boolean;
  /** rows = accepted + duplicates + protected + rejected + skipped */
  readonly rows: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly protected: number;
  readonly rejected: number;
  readonly skipped: number;
}

export interface OutcomeCounts {
  readonly deleted: number;
  readonly absent: number;
  readonly failed: number;
  readonly planned: number;
}

export interface RunCounts {
  readonly deleted: number;
  readonly absent: number;
  readonly failed: number;
  readonly requests: number;
  readonly retries: number;
  readonly throttled: number;
  readonly elapsedMs: number;
  readonly ratePerSecond: number;
}

export type PurgeState = 'planned' | 'unfinished' | 'finished';

/** The summary that `--json` prints. pending = accepted − outcomes. */
export interface Summary {
  readonly job: string;
  readonly state: PurgeState;
  readonly account: string;
  /** Names account, API root and the set of accepted IDs; `null` until the list has been read to its end. */
  readonly digest: string | null;
  readonly intake: IntakeCounts;
  readonly outcomes: OutcomeCounts;
  readonly pending: number;
  readonly run: RunCounts;
  readonly exitCode: ExitCode;
}
