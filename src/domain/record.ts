import type { ImageId } from './image-id.ts';

/** Where a row came from: the source's path as it was given (`-` for standard input) and its 1-based line. */
export interface Place {
  readonly source: string;
  readonly line: number;
}

/** An ID whose fate an answer of the API decided. */
export interface AnsweredRecord extends Place {
  readonly outcome: 'deleted' | 'absent' | 'failed';
  readonly id: ImageId;
  /** Absent where no answer arrived at all. */
  readonly httpStatus: number | undefined;
  readonly code: number | undefined;
  readonly message: string | undefined;
  readonly cfRay: string | undefined;
  readonly attempts: number;
  /** An earlier request of this purge for the ID ended without an answer, or in one that is retried. */
  readonly earlierUnknown: boolean;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly durationMs: number;
}

/** An ID that is not sent: protected by an exclude list, or only planned in a dry run. */
export interface UnsentRecord extends Place {
  readonly outcome: 'protected' | 'planned';
  readonly id: ImageId;
}

/** How much of a rejected row is kept; a row may be as long as a megabyte. */
const RAW_CHARACTERS_MAX = 1_000;

/** What is kept of a rejected row. No lone surrogates: SQLite cannot keep them, and the report would not read the same when it is written again. */
export function rawOf(row: string): string {
  return (row.length <= RAW_CHARACTERS_MAX ? row : `${row.slice(0, RAW_CHARACTERS_MAX)}…`).toWellFormed();
}

/** The columns of a report as CSV; a file that begins with them is one. */
export const REPORT_CSV_COLUMNS = [
  'id',
  'outcome',
  'httpStatus',
  'code',
  'message',
  'attempts',
  'earlierUnknown',
  'cfRay',
  'at',
  'durationMs',
  'source',
  'line',
  'raw',
  'reason',
] as const;

/** A row that holds no usable ID. */
export interface RejectedRecord extends Place {
  readonly outcome: 'rejected';
  readonly raw: string;
  readonly reason: string;
}

/** What one line of the report says; the checkpoint yields these, the report writes them. */
export type ReportRecord = AnsweredRecord | UnsentRecord | RejectedRecord;
