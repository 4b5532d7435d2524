import type { ExitCode, UserError } from './errors.ts';
import type { ErrorCode } from './result-fields.ts';

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

/** An exclude file or a pattern of `--exclude-id`, and what it did. */
export interface RuleHits {
  /** The file as it was given, or `--exclude-id GLOB`. */
  readonly rule: string;
  /** Rows of the file; 1 of a pattern. */
  readonly entries: number;
  /** IDs of the sources that it held. */
  readonly held: number;
  /** Those of them that are not equal to an entry but spelled much like one. */
  readonly near: number;
}

/** Failures of the whole purge that are alike. */
export interface FailureKind {
  readonly count: number;
  readonly httpStatus: number | undefined;
  readonly code: ErrorCode | undefined;
  readonly message: string | undefined;
}

export type PurgeState = 'planned' | 'unfinished' | 'finished';

/** Kinds of IDs that only the whole list shows: two are alike but for case or encoding, or were too many to be compared. */
export const LIST_KIND = { nearDuplicate: 'near-duplicate', notCompared: 'not-compared' } as const;

/** Only kinds that were met. */
export type SuspiciousByKind = Readonly<Record<string, Omit<SuspiciousCount, 'kind'>>>;

/** A source of the list. */
export interface SourceCounts {
  /** As it was given; `-` for standard input. */
  readonly path: string;
  /** `null` until the list has been read to its end, and where an older version has read it. */
  readonly rows: number | null;
  readonly accepted: number | null;
}

/** What is known of a purge, whether a run works on it or not. pending = accepted − outcomes. */
export interface PurgeFacts {
  readonly job: string;
  readonly state: PurgeState;
  readonly account: string;
  /** The API's root. */
  readonly baseUrl: string;
  /** Names account, API root and the set of accepted IDs; `null` until the list has been read to its end. */
  readonly digest: string | null;
  /** `--note`; `null`: none. */
  readonly note: string | null;
  readonly sources: readonly SourceCounts[];
  readonly intake: IntakeCounts & { readonly suspicious: SuspiciousByKind };
  readonly protectedBy: readonly RuleHits[];
  /** Of `--backup`, absolute; more than one only of several checkpoints together. */
  readonly backupFolders: readonly string[];
  readonly outcomes: OutcomeCounts;
  readonly pending: number;
  readonly run: RunCounts;
}

/** What was said of the images that a dry run asked for, one by one. */
export interface AskedCounts {
  readonly there: number;
  readonly gone: number;
  /** Answered, and neither. */
  readonly unclear: number;
}

/** The summary of a run, as `--json` prints it. */
export interface Summary extends PurgeFacts, RunEnd {
  /** Of a dry run with `--check-exists`. */
  readonly asked?: AskedCounts;
}

/** An error that ended a run, as `--json` and `status` tell it. */
export type ToldError = Pick<UserError, 'code' | 'message' | 'nextSteps'>;

/** How a run ended. */
export interface RunEnd {
  readonly exitCode: ExitCode;
  /** `finished`, `planned`, `stopped by SIGINT`, … or the error's code. */
  readonly endedBecause: string;
  readonly error: ToldError | null;
}

export function runEnd(exitCode: ExitCode, endedBecause: string, error: ToldError | undefined): RunEnd {
  if (error === undefined) return { exitCode, endedBecause, error: null };
  const { code, message, nextSteps } = error;
  return { exitCode, endedBecause, error: { code, message, nextSteps } };
}

/** A run that an error ended. */
export function endByError(error: UserError): RunEnd {
  return runEnd(error.exitCode, error.code, error);
}

/** The same with every text of the error changed, such as to take secrets out of it. */
export function withTexts(end: RunEnd, change: (text: string) => string): RunEnd {
  const { error } = end;
  if (error === null) return end;
  return { ...end, error: { code: error.code, message: change(error.message), nextSteps: error.nextSteps.map((step) => change(step)) } };
}
