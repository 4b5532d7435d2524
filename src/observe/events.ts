import type { HoldReason, LaneName, ThrottleCause } from '../domain/lane.ts';
import type { ErrorCode } from '../domain/result-fields.ts';
import type { Summary, SuspiciousCount } from '../domain/summary.ts';
import type { ReadProgress } from '../text/progress-text.ts';

/** What happens in a run that a person or a log should hear of. Texts from outside are escaped where they are shown. */
export type PurgeEvent =
  | {
      readonly kind: 'run.started';
      readonly job: string;
      readonly checkpointPath: string;
      readonly reportPath: string;
      readonly isResumed: boolean;
      readonly pending: number;
      /** `--note`; left out where nobody has said anything. */
      readonly note?: string;
    }
  /** A source that gives nothing yet: a person is to type it, or a pipe has no writer. */
  | { readonly kind: 'source.waiting'; readonly source: string; readonly isTerminal: boolean }
  | { readonly kind: 'intake.started'; readonly sources: readonly string[] }
  | {
      readonly kind: 'intake.finished';
      readonly accepted: number;
      readonly duplicates: number;
      readonly protected: number;
      readonly rejected: number;
      readonly skipped: number;
      readonly elapsedMs: number;
    }
  /** The answer with this status and code asked to wait. */
  | {
      readonly kind: 'lane.throttled';
      readonly lane: LaneName;
      readonly httpStatus: number;
      readonly code: number | undefined;
      readonly waitMs: number;
      readonly untilWallMs: number;
      readonly cause: ThrottleCause;
      /** What the lane sends from then on; `undefined` where it has no limit. */
      readonly ratePerSecond: number | undefined;
    }
  /** The API told its quota, for the first time or a changed one. */
  | {
      readonly kind: 'lane.policy';
      readonly lane: LaneName;
      readonly policy: string;
      readonly requests: number;
      readonly windowMs: number;
      readonly isTighter: boolean;
    }
  | { readonly kind: 'lane.renewed'; readonly lane: LaneName; readonly why: 'ahead' | 'refused' }
  | { readonly kind: 'lane.closed'; readonly lane: LaneName; readonly why: string }
  /** The Redis through which quotas are shared does not answer; each is divided among so many processes. */
  | { readonly kind: 'quota.divided'; readonly by: number; readonly why: string }
  | { readonly kind: 'quota.shared' }
  /** `failures`: in a row; 0 where there was never a connection. */
  | { readonly kind: 'outage.started'; readonly lane: LaneName | undefined; readonly failures: number; readonly lastError: string }
  | { readonly kind: 'outage.probed'; readonly lane: LaneName | undefined; readonly answered: boolean; readonly nextProbeMs: number }
  | { readonly kind: 'outage.ended'; readonly lane: LaneName | undefined; readonly elapsedMs: number }
  /** After so many deletions the API refused something. It is asked again before that is believed; nothing else is sent. */
  | {
      readonly kind: 'refusal.doubted';
      readonly lane: LaneName;
      readonly httpStatus: number | undefined;
      readonly code: ErrorCode | undefined;
      readonly message: string;
      readonly deleted: number;
      readonly waitMs: number;
    }
  /** What was asked again got no answer. */
  | { readonly kind: 'refusal.unanswered'; readonly waitMs: number }
  /** It was a mistake, the `strays`-th within an hour; the `straysMax`-th would end the run. */
  | { readonly kind: 'refusal.passed'; readonly strays: number; readonly straysMax: number }
  | {
      readonly kind: 'item.failed';
      readonly id: string;
      readonly httpStatus: number | undefined;
      readonly code: ErrorCode | undefined;
      readonly message: string | undefined;
    }
  | {
      readonly kind: 'item.retried';
      readonly id: string;
      readonly attempt: number;
      readonly delayMs: number;
      readonly httpStatus: number | undefined;
      readonly message: string | undefined;
    }
  /** `--protect-newer-than`: the account's list is read, of so many images where that is known. */
  | { readonly kind: 'newer.started'; readonly rule: string; readonly images: number | undefined }
  | {
      readonly kind: 'newer.finished';
      readonly rule: string;
      /** Images that the list shows. */
      readonly listed: number;
      readonly newer: number;
      /** Those of the newer ones of which the list tells no time: they count as such. */
      readonly untold: number;
      /** IDs of the purge that it holds, since earlier runs too. */
      readonly held: number;
    }
  /** Images that this run saved before it deleted them. */
  | { readonly kind: 'backup.finished'; readonly folder: string; readonly images: number }
  /** The account is searched for what the purge says is gone. */
  | { readonly kind: 'verify.started'; readonly method: 'list' | 'single'; readonly ids: number; readonly images: number | undefined }
  | {
      readonly kind: 'verify.finished';
      readonly ids: number;
      readonly stillThere: number;
      readonly uploadedAgain: number;
      readonly unclear: number;
      /** Images that the list has; 0 where each ID was asked for by itself. */
      readonly listed: number;
      /** Those of them that were uploaded since the purge began. */
      readonly uploadedSince: number;
      /** What the account's own count said before the first DELETE of this run, and at the end; `undefined` where it was not told. */
      readonly imagesBefore: number | undefined;
      /** IDs deleted by this run. */
      readonly deleted: number;
      readonly imagesAfter: number | undefined;
    }
  /** `/metrics` and `/healthz` are served there. */
  | { readonly kind: 'metrics.listening'; readonly address: string }
  | { readonly kind: 'stopping'; readonly reason: string; readonly inFlight: number }
  | {
      readonly kind: 'warning';
      readonly code: string;
      readonly message: string;
      /** What it is about, where its code is `SUSPICIOUS_VALUES`. */
      readonly suspicious?: SuspiciousCount;
    }
  | { readonly kind: 'run.finished'; readonly summary: Summary; readonly stoppedBecause: string };

export interface LaneProgress {
  readonly name: LaneName;
  readonly ratePerSecond: number;
  readonly pausedForMs: number;
  readonly throttledBy: ThrottleCause;
  /** Waits because of what the API says is left of the quota. */
  readonly yieldingForMs: number;
  readonly held: readonly HoldReason[];
  readonly isClosed: boolean;
}

/** A run goes through the account's list, or asks for IDs one by one: before its DELETEs, or after them. */
export interface SweepProgress extends ReadProgress {
  readonly reason: 'newer' | 'verify';
  readonly noun: 'image' | 'ID';
  /** What it is there for, and has met so far. */
  readonly found: number;
}

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
  /** Of this run, those for stats and tokens too. */
  readonly requests: number;
  readonly retries: number;
  /** Requests of this run that the API throttled. */
  readonly throttled: number;
  /** Answers of this run a second, over the last few seconds. */
  readonly perSecond: number;
  /** `undefined` where it cannot be told yet. */
  readonly etaMs: number | undefined;
  readonly lanes: readonly LaneProgress[];
  /** `undefined` while there is none under way. */
  readonly sweep: SweepProgress | undefined;
}

export interface Observer {
  event(event: PurgeEvent): void;
}
