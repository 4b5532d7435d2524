import type { DatabaseSync } from 'node:sqlite';

import type { ImageId } from '../domain/image-id.ts';
import { idToKey } from './format/id-key.ts';
import { theRow } from './read-facts.ts';
import { OUTCOME_NUMBER } from './format/schema.ts';
import { type AddToTally } from './tally.ts';
import { type Touched, TouchedRows } from './touched.ts';

/** Rows of one source, checked by the plan stage: `ids[i]` stood on `lines[i]`. */
export interface AcceptBatch {
  /** Position of the source in this reading, from 0. */
  readonly sourceIndex: number;
  readonly ids: readonly ImageId[];
  readonly lines: readonly number[];
  readonly rejected: readonly { readonly raw: string; readonly reason: string; readonly line: number }[];
  readonly skippedCount: number;
}

export interface ReadDigest {
  readonly sizeBytes: number;
  readonly sha256: Uint8Array;
}

export interface Intake {
  /** Begins a reading; in a second one old pending IDs wait until they are met again. One transaction of its own. */
  begin(sourceNames: readonly string[]): void;
  /** Accepts a batch; call it inside a transaction. */
  accept(batch: AcceptBatch): { readonly acceptedCount: number; readonly touched: Touched };
  /** Ends the reading: old pending IDs that it never met are dropped; call it inside a transaction. */
  finish(digests: readonly (ReadDigest | undefined)[]): void;
}

/**
 * Reading sources into the checkpoint. A reading numbers its items from `reading_start_seq` on; an ID of an earlier,
 * unfinished reading that may yet be sent, pending or failed, is met again by giving it a new number, so "met" needs no
 * column of its own.
 */
export function prepareIntake(db: DatabaseSync, addToTally: AddToTally): Intake {
  db.exec('CREATE TEMP TABLE IF NOT EXISTS met (item INTEGER PRIMARY KEY)');
  const insertItem = db.prepare('INSERT INTO item VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING');
  const findItem = db.prepare('SELECT seq, (SELECT outcome FROM result WHERE result.item = seq) AS outcome FROM item WHERE id = ?');
  const moveItem = db.prepare('UPDATE item SET seq = ?, source = ?, line = ? WHERE seq = ?');
  const renumberItem = db.prepare('UPDATE item SET seq = ? WHERE seq = ?');
  const moveResult = db.prepare('UPDATE result SET item = ? WHERE item = ?');
  const moveDetail = db.prepare('UPDATE detail SET item = ? WHERE item = ?');
  const moveTried = db.prepare('UPDATE tried SET item = ? WHERE item = ?');
  const insertMet = db.prepare('INSERT OR IGNORE INTO met VALUES (?)');
  const isProtected = db.prepare('SELECT 1 FROM protect WHERE id = ?');
  const insertProtected = db.prepare(`INSERT INTO result VALUES (?, ${OUTCOME_NUMBER.protected}, NULL, 0, 0, 0, 0)`);
  const insertRejected = db.prepare('INSERT INTO rejected (source, line, raw, reason) VALUES (?, ?, ?, ?)');
  const setNextSeq = db.prepare('UPDATE state SET next_seq = ?');
  const insertSource = db.prepare('INSERT INTO source (number, reading, path) VALUES (?, ?, ?)');

  const reading = { number: 0, startSeq: 0, nextSeq: 0, firstSource: 0, names: [] as string[], hasProtected: false };

  /** What a value of this reading is to the checkpoint; `accepted` has been given the number `seq`. */
  function meet(id: ImageId, source: number, line: number): 'accepted' | 'met-again' | 'duplicate' {
    const key = idToKey(id);
    const seq = reading.nextSeq;
    if (insertItem.run(seq, key, source, line).changes === 1) {
      reading.nextSeq++;
      return 'accepted';
    }
    if (reading.number === 1) return 'duplicate';
    const old = findItem.get(key);
    const oldSeq = Number(old?.['seq']);
    if (oldSeq >= reading.startSeq) return 'duplicate';
    if (old?.['outcome'] === OUTCOME_NUMBER.failed) {
      // It keeps the place that its line in the report tells.
      for (const move of [renumberItem, moveResult, moveDetail]) move.run(seq, oldSeq);
      reading.nextSeq++;
      return 'met-again';
    }
    if (old?.['outcome'] !== null) return insertMet.run(oldSeq).changes === 1 ? 'met-again' : 'duplicate';
    moveItem.run(seq, source, line, oldSeq);
    moveTried.run(seq, oldSeq);
    reading.nextSeq++;
    return 'accepted';
  }

  return {
    begin(sourceNames) {
      db.exec('BEGIN IMMEDIATE');
      try {
        beginReading(db);
        const state = theRow(db, 'SELECT reading, reading_start_seq FROM state');
        reading.number = Number(state['reading']);
        reading.startSeq = reading.nextSeq = Number(state['reading_start_seq']);
        reading.firstSource = Number(theRow(db, 'SELECT coalesce(max(number) + 1, 0) AS n FROM source')['n']);
        reading.names = [...sourceNames];
        reading.hasProtected = db.prepare('SELECT 1 FROM protect LIMIT 1').get() !== undefined;
        sourceNames.forEach((name, index) => insertSource.run(reading.firstSource + index, reading.number, name));
        db.exec('COMMIT');
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
    },

    accept(batch) {
      const source = reading.firstSource + batch.sourceIndex;
      const sourceName = reading.names[batch.sourceIndex] ?? '';
      const nextSeqBefore = reading.nextSeq;
      const touched = new TouchedRows();
      const count = { accepted: 0, duplicates: 0, protected: 0, metAgain: 0 };
      try {
        batch.ids.forEach((id, index) => {
          const line = batch.lines[index] ?? 0;
          const seq = reading.nextSeq;
          const what = meet(id, source, line);
          if (what === 'duplicate') count.duplicates++;
          else if (what === 'met-again') count.metAgain++;
          else if (reading.hasProtected && isProtected.get(idToKey(id)) !== undefined) {
            insertProtected.run(seq);
            touched.add(seq, { outcome: 'protected', id, source: sourceName, line });
            count.protected++;
          } else count.accepted++;
        });
        for (const row of batch.rejected) {
          const { lastInsertRowid } = insertRejected.run(source, row.line, row.raw, row.reason);
          touched.add(-Number(lastInsertRowid), {
            outcome: 'rejected',
            raw: row.raw,
            reason: row.reason,
            source: sourceName,
            line: row.line,
          });
        }
        setNextSeq.run(reading.nextSeq);
        addToTally({
          rows: count.accepted + count.duplicates + count.protected + batch.rejected.length + batch.skippedCount,
          accepted: count.accepted,
          duplicates: count.duplicates,
          protected: count.protected,
          rejected: batch.rejected.length,
          skipped: batch.skippedCount,
        });
      } catch (error) {
        reading.nextSeq = nextSeqBefore;
        throw error;
      }
      return { acceptedCount: count.accepted, touched };
    },

    finish(digests) {
      db.exec(`DELETE FROM tried WHERE item IN (${NEVER_MET})`);
      db.exec(`DELETE FROM item WHERE seq IN (${NEVER_MET})`);
      const update = db.prepare('UPDATE source SET size_bytes = ?, sha256 = ? WHERE number = ?');
      digests.forEach((digest, index) => {
        if (digest !== undefined) update.run(digest.sizeBytes, digest.sha256, reading.firstSource + index);
      });
      db.exec('UPDATE state SET is_intake_complete = 1');
    },
  };
}

const NEVER_MET = `
  SELECT seq FROM item WHERE seq < (SELECT reading_start_seq FROM state)
  AND NOT EXISTS (SELECT 1 FROM result WHERE result.item = seq)`;

/**
 * Counts, rejected and protected rows become those of the new reading; an ID with an outcome counts as one accepted row
 * from the start, whether or not it will be met again.
 */
function beginReading(db: DatabaseSync): void {
  db.exec(`
    DELETE FROM met;
    DELETE FROM rejected;
    DELETE FROM item WHERE seq IN (SELECT item FROM result WHERE outcome = ${OUTCOME_NUMBER.protected});
    DELETE FROM result WHERE outcome = ${OUTCOME_NUMBER.protected};
    UPDATE tally SET accepted = deleted + absent + failed + planned, rows = deleted + absent + failed + planned,
      duplicates = 0, protected = 0, rejected = 0, skipped = 0;
    UPDATE state SET reading = reading + 1, reading_start_seq = next_seq, is_intake_complete = 0;
  `);
}
