import type { DatabaseSync } from 'node:sqlite';

import { FIELD_LIST } from '../domain/result-fields.ts';
import { prepareResultRows } from './format/result-rows.ts';
import { OUTCOME_NUMBER } from './format/outcomes.ts';
import { forEachPacked, type PackedResultBatch } from './packed-results.ts';
import type { PageItem } from './pages.ts';
import type { AddToTally } from './tally.ts';
import { recordMoments } from './timeline/moments.ts';

/** Records answers; call it inside a transaction. `itemOf` knows the items that were handed out. */
export type RecordResults = (batch: PackedResultBatch, itemOf: (seq: number) => PageItem) => void;

const [ATTEMPTS, EARLIER_UNKNOWN] = (['attempts', 'earlierUnknown'] as const).map((wanted) =>
  FIELD_LIST.findIndex(({ key }) => key === wanted),
) as [number, number];

export function prepareResults(db: DatabaseSync, addToTally: AddToTally): RecordResults {
  const resultRows = prepareResultRows(db);
  const upsertTried = db.prepare(`
    INSERT INTO tried (item, attempts, is_unknown) VALUES (?, ?, ?)
    ON CONFLICT (item) DO UPDATE SET attempts = excluded.attempts, is_unknown = excluded.is_unknown`);
  const deleteTried = db.prepare('DELETE FROM tried WHERE item = ?');
  const noteRun = db.prepare('UPDATE state SET run_json = ?, last_worked_at_ms = ?');

  return (batch, itemOf) => {
    const count = { deleted: 0, absent: 0, failed: 0 };
    // Before the results: an item that was tried and then answered within one batch is no longer remembered as tried.
    for (const tried of batch.tried) upsertTried.run(tried.seq, tried.attempts, tried.isUnknown ? 1 : 0);
    forEachPacked(batch.results, (seq, outcome, values) => {
      const item = itemOf(seq);
      resultRows.insertAnswered(seq, outcome, values);
      const mayBeTried = item.attempts > 0 || Number(values[ATTEMPTS]) > 1 || values[EARLIER_UNKNOWN] === true;
      if (mayBeTried) deleteTried.run(seq);
      count[outcome]++;
    });
    addToTally(count);
    recordMoments(db, batch.moments);
    noteRun.run(JSON.stringify(batch.run), batch.nowMs);
  };
}

/** Makes failed IDs of the last reading pending again, and keeps what is known of their requests. Call it inside a transaction. */
export function putBackFailed(db: DatabaseSync, addToTally: AddToTally): number {
  const failed = `SELECT item FROM result WHERE outcome = ${OUTCOME_NUMBER.failed} AND item >= (SELECT reading_start_seq FROM state)`;
  db.exec(`
    INSERT OR REPLACE INTO tried (item, attempts, is_unknown) SELECT item, 0, 1 FROM result WHERE is_unknown = 1 AND item IN (${failed});
    DELETE FROM detail WHERE item IN (${failed});`);
  const { changes } = db.prepare(`DELETE FROM result WHERE item IN (${failed})`).run();
  addToTally({ failed: -Number(changes) });
  if (Number(changes) > 0) db.exec('UPDATE state SET finished_at_ms = NULL');
  return Number(changes);
}
