import { rawOf } from '../domain/record.ts';
import { isUuid } from './form/uuid.ts';
import type { RejectedRow, RowBatch } from './source.ts';

/** Where a reader puts rows as it meets them. */
export interface RowSink {
  value(value: string, line: number): void;
  reject(raw: string, reason: string, line: number): void;
  skip(): void;
}

/** Gathers rows until they are taken. */
export class RowCollector implements RowSink {
  #values: string[] = [];
  #lines: number[] = [];
  #rejected: RejectedRow[] = [];
  #skippedCount = 0;

  get count(): number {
    return this.#values.length + this.#rejected.length + this.#skippedCount;
  }

  value(value: string, line: number): void {
    this.#values.push(value);
    this.#lines.push(line);
  }

  reject(raw: string, reason: string, line: number): void {
    this.#rejected.push({ raw: rawOf(raw), reason, line });
  }

  skip(): void {
    this.#skippedCount++;
  }

  take(): RowBatch {
    const batch: RowBatch = { values: this.#values, lines: this.#lines, rejected: this.#rejected, skippedCount: this.#skippedCount };
    this.#values = [];
    this.#lines = [];
    this.#rejected = [];
    this.#skippedCount = 0;
    return batch;
  }
}

/** Reads one form of text, piece by piece; pieces end at line ends. */
export interface RowReader {
  /** Throws a `UserError` where the structure is broken. */
  push(text: string): Promise<void> | void;
  /** The last piece. Its last row has no line end where `isUnterminated`. */
  end(text: string, isUnterminated: boolean): Promise<void> | void;
}

/** What becomes of a last row without a line end. */
export type LastRow =
  | 'accept'
  /** Taken, and told. */
  | 'warn'
  /** Rejected where it may be cut off. */
  | 'reject';

/** A row that may have been cut off cannot be told from a whole one, unless its ID has a fixed length. */
export function mayBeCutOff(value: string): boolean {
  return !isUuid(value);
}

export const CUT_OFF_REASON = 'may be cut off: the input ended without a line end (--accept-last-line takes it)';
