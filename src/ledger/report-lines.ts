import type { DatabaseSync } from 'node:sqlite';

import { forEachPacked, type PackedResults } from '../checkpoint/packed-results.ts';
import type { PageItem } from '../checkpoint/pages.ts';
import { allRecords } from '../checkpoint/report-records.ts';
import type { Touched } from '../checkpoint/touched.ts';
import type { ReportRecord } from '../domain/record.ts';
import { replaceUnreported } from '../domain/result-fields.ts';
import { answeredLine, reportLine } from '../report/line.ts';

/** Rows that a transaction changed, by the keys of {@link Touched}, and how their lines are made if any report wants them. */
export interface ChangedRows {
  readonly keys: readonly number[];
  readonly lines: () => string;
}

export function changedRows({ keys, records }: Touched): ChangedRows {
  return { keys, lines: () => linesOf(records) };
}

export function linesOf(records: readonly ReportRecord[]): string {
  let lines = '';
  for (const record of records) lines += reportLine(record);
  return lines;
}

/** The lines of answered IDs as they came from the main thread. */
export function packedLines(results: PackedResults, itemOf: (seq: number) => PageItem): string {
  let lines = '';
  forEachPacked(results, (seq, outcome, values) => {
    replaceUnreported(outcome, values);
    lines += answeredLine(outcome, itemOf(seq), values);
  });
  return lines;
}

/** The whole report. */
export function* allLines(db: DatabaseSync): Generator<string> {
  for (const record of allRecords(db)) yield reportLine(record);
}
