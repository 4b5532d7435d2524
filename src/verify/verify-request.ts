import type { GoneItem } from '../checkpoint/gone/gone-items.ts';
import type { OutcomeCounts, PurgeState } from '../domain/summary.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { RunOutcome } from '../run/halt.ts';
import type { ApiOptions, PaceOptions } from '../run/run-options.ts';

/** What `verify` is asked for: every default applied. */
export interface VerifyRequest {
  readonly checkpointPath: string;
  /** `undefined`: as the checkpoint says. */
  readonly accountId: string | undefined;
  readonly baseUrl: string | undefined;
  readonly api: Pick<ApiOptions, 'credentials' | 'proxy'>;
  readonly pace: PaceOptions;
  /** The whole command, to be pasted into a shell. */
  readonly command: string;
}

/** An ID that the purge says is gone, and that the account has, or may have. */
export interface MetItem extends GoneItem {
  /** As the API wrote it; `undefined` where it does not say. */
  readonly uploaded: string | undefined;
}

/** One whose own GET says neither that it is there nor that it is gone. */
export interface UnclearItem extends MetItem {
  readonly why: string;
}

/** How the account was asked. */
export type VerifyMethod = 'list' | 'single';

export interface Findings {
  /** Uploaded before they were deleted, and there. */
  readonly stillThere: readonly MetItem[];
  readonly uploadedAgain: readonly MetItem[];
  readonly unclear: readonly UnclearItem[];
  /** Listed, and gone when they were asked for by themselves: the list is behind. */
  readonly listedOnlyCount: number;
  /** Images that the list has; 0 where each ID was asked for by itself. */
  readonly listedCount: number;
  /** Those of them that were uploaded since the purge began. */
  readonly uploadedSinceCount: number;
  /** IDs that were asked for by themselves. */
  readonly askedCount: number;
}

/** The purge as its checkpoint tells it. */
export interface VerifiedPurge {
  readonly job: string;
  readonly state: PurgeState;
  readonly accountId: string;
  readonly baseUrl: string;
  readonly outcomes: OutcomeCounts;
  readonly pending: number;
  readonly createdAtMs: number;
}

export interface VerifyResult extends RunOutcome {
  /** Every ID was looked for. */
  readonly isComplete: boolean;
  readonly purge: VerifiedPurge;
  readonly method: VerifyMethod | undefined;
  /** What the account's own count said before and after; `undefined` where it was not told. */
  readonly imagesBefore: number | undefined;
  readonly imagesAfter: number | undefined;
  readonly findings: Findings;
  readonly requests: number;
  readonly elapsedMs: number;
}

/** How far it is. */
export interface VerifyProgress {
  readonly method: VerifyMethod;
  /** Images read of the list, or IDs asked for. */
  readonly done: number;
  /** `undefined` where it is not known. */
  readonly total: number | undefined;
  readonly met: number;
  readonly perSecond: number;
}

export interface VerifyDeps extends PurgeDeps {
  /** Called once, when there is something to show. */
  readonly onVerifyProgress: (progress: () => VerifyProgress) => void;
  /** Called before the account's list is read, both of them. */
  readonly keepHeapSmall: () => void;
  readonly compileNoMore: () => void;
}
