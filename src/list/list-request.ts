import type { PurgeDeps } from '../run/deps.ts';
import type { RunOutcome } from '../run/halt.ts';
import type { ApiOptions, PaceOptions } from '../run/run-options.ts';
import type { ListFilters } from './filters.ts';
import type { IdFileOptions } from './id-files.ts';
import type { PageQuery } from './pages.ts';
import type { ListField, ListFormat } from './rows.ts';

/** What `list` is asked for: every default applied. */
export interface ListRequest {
  readonly api: Pick<ApiOptions, 'accountId' | 'baseUrl' | 'credentials' | 'proxy'>;
  readonly pace: PaceOptions;
  readonly format: ListFormat;
  readonly fields: readonly ListField[];
  readonly sortOrder: PageQuery['sortOrder'];
  /** `Infinity`: none. So many images are listed. */
  readonly countMax: number;
  /** @param nowMs - what ages such as `90d` count from; milliseconds since 1970 */
  readonly filtersAt: (nowMs: number) => ListFilters;
  readonly inPaths: readonly string[];
  readonly notInPaths: readonly string[];
  readonly idFiles: IdFileOptions;
  /** The texts of everything that decides which rows there are. A list that was interrupted goes on only for the same. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** `undefined`: stdout. */
  readonly outPath: string | undefined;
  /** Whether a file there that is not empty is written over. */
  readonly overwrites: boolean;
  /** Somebody watches how far it is, and the account's total is worth a request. */
  readonly isWatched: boolean;
  /** The whole command, to be pasted into a shell. */
  readonly command: string;
}

export interface ListCounts {
  /** Images that the API has returned, each counted once. */
  readonly read: number;
  readonly listed: number;
  /** Images whose ID does not fit in a line. */
  readonly leftOut: number;
  /** Images that came again. */
  readonly repeated: number;
}

export const NO_COUNTS: ListCounts = { read: 0, listed: 0, leftOut: 0, repeated: 0 };

/** How far a list is. */
export interface ListProgress extends ListCounts {
  /** Images of the account, where the list goes through all of them and stats tell. */
  readonly total: number | undefined;
  readonly perSecond: number;
}

export interface ListResult extends RunOutcome {
  readonly isComplete: boolean;
  readonly counts: ListCounts;
  /** Of this run. */
  readonly requests: number;
  readonly elapsedMs: number;
  /** With `-o` and an incomplete list: the same command goes on where this one ended. */
  readonly canGoOn: boolean;
}

export interface ListDeps extends PurgeDeps {
  /** Writes rows to stdout. */
  readonly writeRows: (text: string) => Promise<void>;
  /** Called once, when there is something to show. */
  readonly onListProgress: (progress: () => ListProgress) => void;
  /** Called before anything is read. */
  readonly keepHeapSmall: () => void;
  /** Called before the account's list is read. */
  readonly compileNoMore: () => void;
}
