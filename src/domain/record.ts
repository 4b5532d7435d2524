import type { ImageId } from './image-id.ts';
import type { AnsweredOutcome, ResultValues } from './result-fields.ts';

/** Where a row came from: the source's path as it was given (`-` for standard input) and its 1-based line. */
export interface Place {
  readonly source: string;
  readonly line: number;
}

/** An ID whose fate an answer of the API decided, with what the report tells of it. */
export interface AnsweredRecord extends Place, ResultValues {
  readonly outcome: AnsweredOutcome;
  readonly id: ImageId;
}

/** An ID that a rule holds: it is not sent. */
export interface ProtectedRecord extends Place {
  readonly outcome: 'protected';
  readonly id: ImageId;
  /** The exclude file and the line of the entry, `keep.txt:12`; `undefined` where an older version did not record it. */
  readonly rule: string | undefined;
  /** The entry is not this ID but spelled much like it. */
  readonly near: boolean;
  /** That entry; `undefined` where the ID is equal to it. */
  readonly entry: string | undefined;
  /** It was sent before it was protected, and may have been deleted. */
  readonly earlierUnknown: boolean;
}

/** An ID that was not sent: of a plan or a dry run, or one that is still to be sent. */
export interface UnsentRecord extends Place {
  readonly outcome: 'planned' | 'pending';
  readonly id: ImageId;
  /** What the account said of it when it was asked, as JSON: the fields that its line has more. `undefined`: it was not asked. */
  readonly asked?: string | undefined;
}

/** How much of a rejected row is kept; a row may be as long as a megabyte. */
const RAW_CHARACTERS_MAX = 1_000;

/**
 * What is kept of a rejected row. It has no lone surrogates: SQLite cannot keep them, and a report that is written again
 * would differ.
 */
export function rawOf(row: string): string {
  return (row.length <= RAW_CHARACTERS_MAX ? row : `${row.slice(0, RAW_CHARACTERS_MAX)}…`).toWellFormed();
}

/** A row that holds no usable ID. */
export interface RejectedRecord extends Place {
  readonly outcome: 'rejected';
  readonly raw: string;
  readonly reason: string;
}

/** What one line of the report says; the checkpoint yields these, the report writes them. */
export type ReportRecord = AnsweredRecord | ProtectedRecord | UnsentRecord | RejectedRecord;
