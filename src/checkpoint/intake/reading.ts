import type { DatabaseSync } from 'node:sqlite';

import { FIELD_LIST, type ResultValues } from '../../domain/result-fields.ts';
import { keyToId } from '../format/id-key.ts';
import { OUTCOME_NUMBER } from '../format/outcomes.ts';
import { prepareResultRows } from '../format/result-rows.ts';
import type { AddToTally } from '../tally.ts';
import { type Touched, TouchedRows } from '../touched.ts';

/** Items of earlier readings without an outcome that this one has not met. */
const NEVER_MET = `
  SELECT seq FROM item WHERE seq < (SELECT reading_start_seq FROM state)
  AND NOT EXISTS (SELECT 1 FROM result WHERE result.item = seq)`;

/**
 * Counts, rejected and protected rows become those of the new reading; an ID with an outcome counts as one accepted row
 * from the start, whether or not it will be met again.
 */
export function beginReading(db: DatabaseSync): void {
  db.exec(`
    DELETE FROM met;
    DELETE FROM rejected;
    DELETE FROM other_shard;
    DELETE FROM item WHERE seq IN (SELECT item FROM result WHERE outcome = ${OUTCOME_NUMBER.protected});
    DELETE FROM result WHERE outcome = ${OUTCOME_NUMBER.protected};
    DELETE FROM held;
    UPDATE protect_rule SET held = 0, near = 0;
    UPDATE tally SET accepted = deleted + absent + failed + planned, rows = deleted + absent + failed + planned,
      duplicates = 0, protected = 0, rejected = 0, skipped = 0;
    UPDATE state SET reading = reading + 1, reading_start_seq = next_seq, is_intake_complete = 0, digest = NULL, set_size = NULL;
  `);
}

/** Drops old pending items that the reading never met; call it inside a transaction. @returns those that may have been sent: they failed */
export function dropNeverMet(db: DatabaseSync, addToTally: AddToTally, nowMs: number): Touched {
  const touched = failNeverAnswered(db, addToTally, nowMs);
  db.exec(`
    DELETE FROM tried WHERE item IN (${NEVER_MET});
    DELETE FROM item WHERE seq IN (${NEVER_MET});`);
  return touched;
}

/** What was sent in an earlier run, has no answer and is not on the list any more must not vanish: nobody knows what became of it. */
function failNeverAnswered(db: DatabaseSync, addToTally: AddToTally, nowMs: number): Touched {
  const rows = db
    .prepare(
      `SELECT seq, id, path, line, attempts FROM item JOIN source ON number = source JOIN tried ON tried.item = seq
      WHERE is_unknown = 1 AND seq IN (${NEVER_MET}) ORDER BY seq`,
    )
    .all();
  const resultRows = prepareResultRows(db);
  const touched = new TouchedRows();
  for (const row of rows) {
    const seq = Number(row['seq']);
    const values = notAnswered(Number(row['attempts']) + 1, nowMs);
    resultRows.insertAnswered(
      seq,
      'failed',
      FIELD_LIST.map(({ key }) => values[key]),
    );
    touched.add(seq, { outcome: 'failed', id: keyToId(row['id']), source: String(row['path']), line: Number(row['line']), ...values });
  }
  addToTally({ rows: rows.length, accepted: rows.length, failed: rows.length });
  db.exec('DELETE FROM tried WHERE item IN (SELECT item FROM result)');
  return touched;
}

function notAnswered(attempts: number, atMs: number): ResultValues {
  const message = 'sent in an earlier run, no answer, no longer on the list';
  return { httpStatus: undefined, code: undefined, message, attempts, earlierUnknown: false, cfRay: undefined, atMs, durationMs: 0 };
}
