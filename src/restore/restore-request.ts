import type { IdFileOptions } from '../list/id-files.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { RunOutcome } from '../run/halt.ts';
import type { ApiOptions, PaceOptions } from '../run/run-options.ts';

/** What `restore` is asked for: every default applied. */
export interface RestoreRequest {
  /** Absolute. */
  readonly folder: string;
  readonly api: Pick<ApiOptions, 'accountId' | 'baseUrl' | 'credentials' | 'proxy'>;
  readonly pace: PaceOptions;
  /** A file of the IDs that are wanted; `undefined`: all. */
  readonly onlyPath: string | undefined;
  readonly idFiles: IdFileOptions;
  /** What became of each image is written here, and the next run goes on by it. */
  readonly reportPath: string;
  /** New IDs by old ones, for images that cannot have theirs again. */
  readonly mapPath: string;
  /** The whole command, to be pasted into a shell. */
  readonly command: string;
}

/** What is said before the first upload. */
export interface RestorePlan {
  readonly folder: string;
  /** The account and the API root that the images are of. */
  readonly fromAccountId: string;
  readonly fromBaseUrl: string;
  readonly accountId: string;
  readonly baseUrl: string;
  readonly imageCount: number;
  /** Those that an earlier run has restored, or found there. */
  readonly doneCount: number;
  /** Of those that are left: with an ID that the API gave, which nobody can choose. */
  readonly newIdCount: number;
  readonly mapPath: string;
  /** Lines of manifests that a kill has cut off. */
  readonly brokenLineCount: number;
  /** What `--only` names and the backup does not have. */
  readonly missing: readonly string[];
}

/** What became of images, those of earlier runs too. */
export interface RestoreCounts {
  readonly restored: number;
  /** They were there, and were left as they are. */
  readonly exists: number;
  readonly failed: number;
}

export interface RestoreResult extends RunOutcome {
  readonly isComplete: boolean;
  readonly plan: RestorePlan | undefined;
  readonly counts: RestoreCounts;
  readonly newIdCount: number;
  readonly requests: number;
  readonly elapsedMs: number;
}

export interface RestoreDeps extends PurgeDeps {
  readonly onRestorePlan: (plan: RestorePlan) => void;
  /** Called once, when there is something to show. */
  readonly onRestoreProgress: (progress: () => RestoreProgress) => void;
}

export interface RestoreProgress extends RestoreCounts {
  readonly total: number;
  readonly perSecond: number;
}

/** What `restore --check` found. */
export interface BackupCheck extends RunOutcome {
  readonly imageCount: number;
  readonly bytes: number;
  readonly damaged: readonly { readonly id: string; readonly file: string; readonly why: string }[];
  readonly brokenLineCount: number;
}
