import type { DatabaseSync } from 'node:sqlite';

import type { RunCounts } from '../domain/summary.ts';
import { answeredRecord } from './answered-record.ts';
import type { PageItem } from './pages.ts';
import { OUTCOME_NUMBER } from './format/schema.ts';
import type { AddToTally } from './tally.ts';
import { type Touched, TouchedRows } from './touched.ts';

/** A final answer for an item. */
export interface ItemResult {
  readonly seq: number;
  readonly outcome: 'deleted' | 'absent' | 'failed';
  readonly httpStatus: number | undefined;
  readonly code: number | undefined;
  readonly message: string | undefined;
  readonly cfRay: string | undefined;
  readonly attempts: number;
  readonly isUnknown: boolean;
  readonly atMs: number;
  readonly durationMs: number;
}

/** An item that was tried and is still pending. */
export interface TriedItem {
  readonly seq: number;
  readonly attempts: number;
  readonly isUnknown: boolean;
}

export interface ResultBatch {
  readonly results: readonly ItemResult[];
  readonly tried: readonly TriedItem[];
  readonly run: RunCounts;
  readonly nowMs: number;
}

/** Records answers; call it inside a transaction. `itemOf` knows the items that were handed out. */
export type RecordResults = (batch: ResultBatch, itemOf: (seq: number) => PageItem) => Touched;

export function prepareResults(db: DatabaseSync, addToTally: AddToTally): RecordResults {
  const insertResult = db.prepare('INSERT INTO result VALUES (?, ?, ?, ?, ?, ?, ?)');
  const insertDetail = db.prepare('INSERT INTO detail VALUES (?, ?, ?, ?)');
  const upsertTried = db.prepare(
    'INSERT INTO tried VALUES (?, ?, ?) ON CONFLICT (item) DO UPDATE SET attempts = excluded.attempts, is_unknown = excluded.is_unknown',
  );
  const deleteTried = db.prepare('DELETE FROM tried WHERE item = ?');
  const noteRun = db.prepare('UPDATE state SET run_json = ?, last_worked_at_ms = ?');

  return (batch, itemOf) => {
    const touched = new TouchedRows();
    const count = { deleted: 0, absent: 0, failed: 0 };
    // Before the results: an item tried and then answered within one batch is not to be remembered as tried.
    for (const tried of batch.tried) upsertTried.run(tried.seq, tried.attempts, tried.isUnknown ? 1 : 0);
    for (const result of batch.results) {
      const item = itemOf(result.seq);
      insertResult.run(
        result.seq,
        OUTCOME_NUMBER[result.outcome],
        result.httpStatus ?? null,
        result.attempts,
        result.atMs,
        result.durationMs,
        result.isUnknown ? 1 : 0,
      );
      if (result.outcome === 'failed') insertDetail.run(result.seq, result.code ?? null, result.message ?? null, result.cfRay ?? null);
      if (result.attempts > 1 || result.isUnknown || item.attempts > 0) deleteTried.run(result.seq);
      count[result.outcome]++;
      touched.add(result.seq, answeredRecord(result, item));
    }
    addToTally(count);
    noteRun.run(JSON.stringify(batch.run), batch.nowMs);
    return touched;
  };
}

/** Puts failed IDs that the last reading has met back to pending, with what is known of their requests; call it inside a transaction. */
export function putBackFailed(db: DatabaseSync, addToTally: AddToTally): number {
  const failed = `SELECT item FROM result WHERE outcome = ${OUTCOME_NUMBER.failed} AND item >= (SELECT reading_start_seq FROM state)`;
  db.exec(`INSERT OR REPLACE INTO tried SELECT item, 0, 1 FROM result WHERE is_unknown = 1 AND item IN (${failed})`);
  db.exec(`DELETE FROM detail WHERE item IN (${failed})`);
  const { changes } = db.prepare(`DELETE FROM result WHERE item IN (${failed})`).run();
  addToTally({ failed: -Number(changes) });
  if (Number(changes) > 0) db.exec('UPDATE state SET finished_at_ms = NULL');
  return Number(changes);
}
