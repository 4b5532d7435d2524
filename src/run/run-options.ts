import type { RepeatedOptions } from '../checkpoint/facts.ts';
import type { Credentials } from '../cloudflare/types.ts';
import type { Rate } from '../domain/rate.ts';
import type { RuleHits, SourceCounts, SuspiciousCount } from '../domain/summary.ts';
import type { Shard } from '../domain/shard.ts';
import type { FormOptions, SourceRef } from '../read/source.ts';

/** The most that a person allows: a number of IDs, or a share of others. */
export type CountMax =
  { readonly kind: 'none' } | { readonly kind: 'count'; readonly count: number } | { readonly kind: 'share'; readonly percent: number };

/** The set that a person has agreed to, instead of being asked: by its digest, or by how many IDs it holds. */
export type ConfirmedSet = { readonly kind: 'digest'; readonly digest: string } | { readonly kind: 'count'; readonly count: number };

/** How fast, how long and with how many attempts: may differ from run to run. */
export interface PaceOptions {
  /** Of each lane that deletes. */
  readonly rate: Rate;
  /** Of the account's own quota; the same, unless batch tokens delete. */
  readonly accountRate: Rate;
  /** Share of the account's quota, as its headers tell it, that is never used; in [0, 1). */
  readonly reserveShare: number;
  /** 0: the account's own quota is used. */
  readonly batchTokenCount: number;
  /** Quotas are shared with other processes through it; may hold a password. */
  readonly quotaRedisUrl: string | undefined;
  /** Another run on this machine may use the same quota. */
  readonly mayRunInParallel: boolean;
  /** At least so many processes share the account's quota. */
  readonly processCountMin: number;
  readonly concurrency: number;
  readonly attemptsMax: number;
  readonly requestTimeoutMs: number;
  readonly giveUpAfterMs: number;
  /** `Infinity`: none. */
  readonly runDurationMsMax: number;
  /** `Infinity`: none. IDs sent in this run. */
  readonly sendCountMax: number;
  /** `Infinity`: none. */
  readonly failureCountMax: number;
  readonly absentMax: CountMax;
}

/** What decides and guards the set; recorded in the checkpoint and in force from then on. */
export interface GuardOptions {
  readonly strict: boolean;
  /** 0: none. */
  readonly idCountMin: number;
  readonly deletesMax: CountMax;
  /** 0: none. IDs of the sources that the rules must hold at least. */
  readonly protectedCountMin: number;
  readonly failOnAbsent: boolean;
  /** At the end the account is searched for what was deleted. */
  readonly verifies: boolean;
  /** Where each image is saved before it is deleted; absolute. `null`: nowhere. */
  readonly backupFolder: string | null;
}

/** Whose images they are and where the API is. Nothing can be sent with an address alone. */
export interface ApiAddress {
  readonly accountId: string;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** An address is never given with credentials, so that a dry run cannot hold any. */
  readonly credentials?: never;
  readonly proxy?: never;
}

/** Where the API is, who asks, and through which proxy: what a connection is made with. */
export interface ApiOptions {
  readonly accountId: string;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** Root of the batch host, without a slash at its end. */
  readonly batchBaseUrl: string;
  readonly credentials: Credentials;
  /** From HTTPS_PROXY, HTTP_PROXY and NO_PROXY (either case); undici's EnvHttpProxyAgent understands them. */
  readonly proxy: { readonly httpProxy: string | undefined; readonly httpsProxy: string | undefined; readonly noProxy: string | undefined };
}

/** What a run says of its own command line. */
export interface GivenCommand {
  readonly repeated: RepeatedOptions;
  /** The whole command, with everything it was given and these options. */
  readonly spelledWith: (options: string) => string;
}

/** Where the report may go. */
export interface ReportOptions {
  /** `-` is stdout; `undefined`: the recorded one, else that of `delete` beside the checkpoint (in a dry run: none). */
  readonly reportPath: string | undefined;
  /** Something else is written to stdout (`--json`), so that no report can be. */
  readonly isStdoutTaken: boolean;
  /** Throws where the report that a checkpoint turns out to record is a file of the run's own: a source, an exclude list, the log. */
  readonly refuseRecordedReport: (path: string) => void;
}

/** What `delete`, `plan` and a dry run have in common: no optional field, every default applied. */
export interface ListOptions extends ReportOptions {
  readonly given: GivenCommand;
  readonly sources: readonly SourceRef[];
  readonly form: FormOptions;
  readonly deliveryUrls: boolean;
  /** `null`: all IDs. */
  readonly shard: Shard | null;
  readonly excludePaths: readonly string[];
  /** `undefined`: found from content. */
  readonly excludeColumn: string | undefined;
  /** Rows of exclude files are IDs as they stand, and protect equal IDs alone. */
  readonly excludeLiteral: boolean;
  readonly allowEmptyExclude: boolean;
  /** Patterns; an ID that fits one is protected. */
  readonly excludeIds: readonly string[];
  /** Images that were uploaded later than so long ago are protected; `null`: no age protects. */
  readonly newerThanMs: number | null;
  readonly checkpointPath: string;
  readonly allowNetworkCheckpoint: boolean;
  readonly keepCount: number;
  readonly supersede: boolean;
  readonly dropsGuards: boolean;
  readonly checkpointAgeMsMax: number;
  readonly pace: PaceOptions;
  readonly guards: GuardOptions;
  readonly expectAbsent: boolean;
  /** Begun with `--yes`, and no set is named that it must be. */
  readonly isConfirmed: boolean;
  readonly confirmedSet: ConfirmedSet | undefined;
  /** `undefined`: what is on record stays. */
  readonly note: string | undefined;
}

/** `delete`: the only mode with credentials, and so the only one that can send. */
export interface SendingOptions extends ListOptions {
  readonly mode: 'delete';
  readonly asksEach?: never;
  readonly api: ApiOptions;
}

/** `plan` stops after intake; `dry-run` does the same in a temporary checkpoint. */
export interface RehearsalOptions extends ListOptions {
  readonly mode: 'plan' | 'dry-run';
  readonly asksEach?: never;
  readonly api: ApiAddress;
}

/** With what an account is read: too little for a connection that deletes, which takes {@link ApiOptions}. */
export type ReadApi = Pick<ApiOptions, 'accountId' | 'baseUrl' | 'credentials' | 'proxy'>;

/** `--dry-run --check-exists`: each image is asked for. */
export interface AskingOptions extends ListOptions {
  readonly mode: 'dry-run';
  readonly asksEach: true;
  readonly api: ReadApi;
}

export type DeleteOptions = SendingOptions | RehearsalOptions | AskingOptions;

export interface ResumeOptions extends ReportOptions {
  readonly given: GivenCommand;
  readonly checkpointPath: string;
  readonly allowNetworkCheckpoint: boolean;
  /** Account and root only where they were given: they must then be the recorded ones. */
  readonly accountId: string | undefined;
  readonly baseUrl: string | undefined;
  readonly batchBaseUrl: string;
  readonly credentials: Credentials;
  readonly proxy: ApiOptions['proxy'];
  readonly excludePaths: readonly string[];
  readonly excludeColumn: string | undefined;
  readonly excludeLiteral: boolean;
  readonly allowEmptyExclude: boolean;
  /** Patterns; an ID that fits one is protected. */
  readonly excludeIds: readonly string[];
  /** Images that were uploaded later than so long ago are protected; `null`: none but what is on record. */
  readonly newerThanMs: number | null;
  readonly checkpointAgeMsMax: number;
  readonly pace: PaceOptions;
  readonly expectAbsent: boolean;
  readonly retryFailed: boolean;
  /** `--verify` */
  readonly verifies: boolean;
  /** `--backup`, absolute; `null`: not given. */
  readonly backupFolder: string | null;
  readonly dropsGuards: boolean;
  /** `--yes`, and no set is named that it must be. */
  readonly isConfirmed: boolean;
  readonly confirmedSet: ConfirmedSet | undefined;
  readonly note: string | undefined;
}

/** Suspicious values of one kind, in words. */
export interface ToldSuspicious extends SuspiciousCount {
  readonly looks: string;
  readonly likelyCause: string;
  readonly isRefusedByStrict: boolean;
}

/** What a person is shown before they type `delete N`. */
export interface PlanSummary {
  readonly accountId: string;
  /** The API's root. */
  readonly baseUrl: string;
  readonly sources: readonly SourceCounts[];
  /** `undefined` where stats could not be read. */
  readonly accountImageCount: number | undefined;
  readonly toDelete: number;
  /** `undefined` where an older version took a shard of the list. */
  readonly digest: string | undefined;
  readonly samples: readonly { readonly id: string; readonly source: string; readonly line: number }[];
  readonly duplicates: number;
  readonly protected: number;
  readonly protectedBy: readonly RuleHits[];
  readonly rejected: number;
  readonly rejectedSamples: readonly { readonly source: string; readonly line: number; readonly reason: string }[];
  readonly skipped: number;
  /** Accepted IDs that look as if they were something else, kind by kind. */
  readonly suspicious: readonly ToldSuspicious[];
  /** Of each of `laneCount` lanes. */
  readonly rate: Rate;
  readonly laneCount: number;
  /** The lanes are batch tokens. */
  readonly isBatch: boolean;
  /** Milliseconds the purge should take at its rate; `undefined` where the rate is unlimited. */
  readonly expectedMs: number | undefined;
  /** `Infinity`: none. IDs sent in this run. */
  readonly sendCountMax: number;
  /** A guard on the share of the account that was not checked because stats were not read. */
  readonly uncheckedPercentMax: number | undefined;
  /** Options that wait for the account's list, which was not read: `--protect-newer-than 30d`, and the guards on what it leaves. */
  readonly waitingForList: readonly string[];
  /** `undefined`: images are deleted without a copy. */
  readonly backup: PlannedBackup | undefined;
}

/** Where each image is saved before it is deleted. */
export interface PlannedBackup {
  readonly folder: string;
  /** `undefined` where nothing may be asked yet, or nothing was told. */
  readonly space: BackupSpace | undefined;
}

/** What a backup needs, by a sample of its images. */
export interface BackupSpace {
  readonly sampleCount: number;
  readonly neededBytes: number;
  readonly freeBytes: number;
}

/** Asks the person; resolves with what they typed, trimmed. Rejects with a `UserError` where there is no one to ask. */
export type AskPerson = (plan: PlanSummary, signal: AbortSignal) => Promise<string>;
