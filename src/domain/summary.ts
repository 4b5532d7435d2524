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

/** Accepted IDs of one kind that look as if they were something else, with the first of them. */
export interface SuspiciousCount {
  /** A name of `plan/suspicious-kinds.ts`. */
  readonly kind: string;
  readonly count: number;
  readonly example: string;
  readonly source: string;
  readonly line: number;
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

/** An exclude file and what it did. */
export interface RuleHits {
  /** The file as it was given. */
  readonly rule: string;
  /** Rows of the file. */
  readonly entries: number;
  /** IDs of the sources that it held. */
  readonly held: number;
  /** Those of them that are not equal to an entry but spelled much like one. */
  readonly near: number;
}

export type PurgeState = 'planned' | 'unfinished' | 'finished';

/** Kinds of IDs that only the whole list shows: two are alike but for case or encoding, or were too many to be compared. */
export const LIST_KIND = { nearDuplicate: 'near-duplicate', notCompared: 'not-compared' } as const;

/** Only kinds that were met. */
export type SuspiciousByKind = Readonly<Record<string, Omit<SuspiciousCount, 'kind'>>>;

/** The summary that `--json` prints. pending = accepted − outcomes. */
export interface Summary {
  readonly job: string;
  readonly state: PurgeState;
  readonly account: string;
  /** Names account, API root and the set of accepted IDs; `null` until the list has been read to its end. */
  readonly digest: string | null;
  readonly intake: IntakeCounts & { readonly suspicious: SuspiciousByKind };
  readonly protectedBy: readonly RuleHits[];
  readonly outcomes: OutcomeCounts;
  readonly pending: number;
  readonly run: RunCounts;
  readonly exitCode: ExitCode;
}
