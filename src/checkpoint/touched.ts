import type { ReportRecord } from '../domain/record.ts';

/**
 * What a transaction changed that belongs in the report. Keys name the rows in the checkpoint: an item by its seq, a rejected
 * row by its negated seq. `records[i]` belongs to `keys[i]`.
 */
export interface Touched {
  readonly keys: readonly number[];
  readonly records: readonly ReportRecord[];
}

/** Collects {@link Touched} while a transaction runs. */
export class TouchedRows implements Touched {
  readonly keys: number[] = [];
  readonly records: ReportRecord[] = [];

  add(key: number, record: ReportRecord): void {
    this.keys.push(key);
    this.records.push(record);
  }
}
