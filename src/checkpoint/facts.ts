import type { Shard } from '../domain/shard.ts';
import type {
  IntakeCounts,
  OutcomeCounts,
  PurgeState,
  RuleHits,
  RunCounts,
  RunEnd,
  SourceCounts,
  SuspiciousCount,
} from '../domain/summary.ts';

/** What decides which IDs are sent, and the guards. Written once; guards may be added later. */
export interface Definition {
  readonly job: string;
  readonly accountId: string;
  readonly baseUrl: string;
  readonly createdAtMs: number;
  readonly form: {
    readonly format: string;
    readonly column: string | null;
    readonly noHeader: boolean;
    readonly delimiter: string | null;
    /** One character, or `none`; `null`: by the source's name. */
    readonly quote: string | null;
    readonly skipLines: number;
    readonly acceptLastLine: boolean;
    readonly literal: boolean;
    readonly deliveryUrls: boolean;
  };
  readonly guards: RecordedGuards;
  /** `null`: all IDs. */
  readonly shard: Shard | null;
  /** Accepted IDs of other shards, known with the digest; `null` where an older version has read the list and did not keep them. */
  readonly otherShardsCount: number | null;
  /** IDs of other shards that exclude files hold, known with the digest. */
  readonly otherShardsProtectedCount: number;
  /** What each source held, in the order of the last reading, known at its end; `null` before that. */
  readonly sourceCounts: readonly ReadCounts[] | null;
  /** Who and why, as a person has put it last. `null`: nobody has said. */
  readonly note: string | null;
}

/** What was read of one source. */
export interface ReadCounts {
  readonly rows: number;
  readonly accepted: number;
}

export interface RecordedGuards {
  readonly strict: boolean;
  readonly idCountMin: number;
  /** `null`: none. */
  readonly deletesCountMax: number | null;
  readonly deletesPercentMax: number | null;
  readonly protectedCountMin: number;
  readonly failOnAbsent: boolean;
  /** At the end the account is searched for what was deleted. */
  readonly verifies: boolean;
  /** `--protect-newer-than`: it protects, and is kept with the guards because it is only an age. `null`: none. */
  readonly newerThanMs: number | null;
  /** Where each image is saved before it is deleted; absolute. `null`: nowhere. */
  readonly backupFolder: string | null;
}

/** How a run ended by its own decision. Without any outcome, its checkpoint holds nothing worth keeping. */
export type EndedBy = 'guard' | 'absent-rule' | 'strict' | 'refused-question' | 'usage' | 'credentials';

/** A file that protects IDs, and how it was read. */
export interface ExcludeFile {
  /** Absolute; empty where an older version has recorded its IDs alone. */
  readonly path: string;
  readonly isLiteral: boolean;
  /** `null`: found from content. */
  readonly column: string | null;
  /** Nothing lies at its path by now: a command that names it ends before it reads anything. */
  readonly isGone: boolean;
}

export interface RecordedSource {
  readonly path: string;
  /** `-` for standard input. Older versions recorded the path alone, as it was given. */
  readonly absolutePath: string;
  /** It was a file, and nothing lies at its path by now. */
  readonly isGone: boolean;
  /** How it was found when it was opened; `undefined` where it is no regular file. */
  readonly opened: { readonly sizeBytes: number; readonly modifiedMs: number } | undefined;
  /** `undefined` until it has been read to its end. */
  readonly sizeBytes: number | undefined;
  readonly sha256: Uint8Array | undefined;
  /** `undefined` until the list has been read to its end. */
  readonly counts: ReadCounts | undefined;
}

/**
 * What counts for one run alone and was given to the last one: pace, brakes, where it writes. Words of a command line, by the
 * command that takes them. They decide nothing: commands that are suggested repeat them. No secret is among them.
 */
export interface RepeatedOptions {
  readonly delete: readonly string[];
  readonly resume: readonly string[];
}

/** Everything a decision about a checkpoint needs, read at one instant. */
export interface CheckpointFacts {
  readonly definition: Definition;
  readonly state: PurgeState;
  readonly isConfirmed: boolean;
  readonly endedBy: EndedBy | undefined;
  readonly hasOutcomes: boolean;
  /** A request may have been sent whose answer was never recorded. */
  readonly hasUnanswered: boolean;
  readonly excludeFiles: readonly ExcludeFile[];
  /** The patterns of `--exclude-id`. */
  readonly excludeIds: readonly string[];
  readonly repeated: RepeatedOptions;
  readonly finishedAtMs: number | undefined;
  readonly lastWorkedAtMs: number;
  readonly sources: readonly RecordedSource[];
  readonly reportPath: string | undefined;
  /** Names account, API root and the set of accepted IDs; `undefined` until the list has been read to its end. */
  readonly digest: string | undefined;
  /** How many IDs the digest names, those of other shards too. IDs that were protected later count. */
  readonly setSize: number | undefined;
  readonly intake: IntakeCounts;
  /** Of the accepted IDs, the most frequent kind first. */
  readonly suspicious: readonly SuspiciousCount[];
  readonly protectedBy: readonly RuleHits[];
  /** Protected IDs that an earlier run may have deleted: it sent them before they were protected. */
  readonly protectedAfterSending: number;
  readonly outcomes: OutcomeCounts;
  readonly pending: number;
  readonly run: RunCounts;
  /** How the last run that worked on it ended; `undefined` while one works, and where it was killed. */
  readonly lastEnd: RunEnd | undefined;
}

/** The sources with what each of them held, as they are told. */
export function sourceCounts({ sources }: Pick<CheckpointFacts, 'sources'>): readonly SourceCounts[] {
  return sources.map(({ path, counts }) => ({ path, rows: counts?.rows ?? null, accepted: counts?.accepted ?? null }));
}

/** Whether the list was read to its end and nothing of it is left to send. */
export function isWorkedOff({ intake, pending }: CheckpointFacts): boolean {
  return intake.complete && pending === 0;
}

/**
 * How many IDs of the whole list may be deleted, by this shard and the others. What an earlier reading met alone is not in the set
 * of the digest, and what was protected later is not accepted any more.
 */
export function wholeListCount({ intake, definition, setSize }: Pick<CheckpointFacts, 'intake' | 'definition' | 'setSize'>): number {
  return Math.min(intake.accepted + (definition.otherShardsCount ?? 0), setSize ?? Infinity);
}
