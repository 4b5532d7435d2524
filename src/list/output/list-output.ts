import type { ListCounts } from '../list-request.ts';

/** How far a list has come: enough to go on with it. */
export interface ListState {
  /** Of the page that follows; `undefined`: the first one, or none where the list is complete. */
  readonly token: string | undefined;
  readonly isComplete: boolean;
  /** The API did not take the filters: all of them are applied here, and the token belongs to the unfiltered list. */
  readonly isUnfiltered: boolean;
  readonly counts: ListCounts;
}

/** Where the rows of a list go. */
export interface ListOutput {
  /** What ages count from; milliseconds since 1970. */
  readonly startedMs: number;
  /** Where an earlier run of the same list has ended. */
  readonly resumed: ListState | undefined;
  /** IDs of the rows that are there already. */
  idsBefore(): Iterable<string>;
  /** @param state - as it is with these rows */
  append(rows: string, state: ListState): Promise<void>;
  /** Forgets all rows; `false` where they have been given away. */
  beginAgain(): boolean;
  complete(): Promise<void>;
  close(): Promise<void>;
}
