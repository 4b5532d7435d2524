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

/** A row that holds no usable ID. */
export interface RejectedRecord extends Place {
  readonly outcome: 'rejected';
  readonly raw: string;
  readonly reason: string;
}

/** What one line of the report says; the checkpoint yields these, the report writes them. */
export type ReportRecord = AnsweredRecord | UnsentRecord | RejectedRecord;
