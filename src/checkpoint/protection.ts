import type { DatabaseSync } from 'node:sqlite';

import type { ImageId } from '../domain/image-id.ts';
import { idToKey, keyToId } from './id-key.ts';
import { OUTCOME_NUMBER } from './schema.ts';
import type { AddToTally } from './tally.ts';
import { type Touched, TouchedRows } from './touched.ts';

/** Adds IDs to the protect list; call it inside a transaction. */
export function addProtected(db: DatabaseSync, ids: readonly ImageId[]): void {
  const insert = db.prepare('INSERT OR IGNORE INTO protect VALUES (?)');
  for (const id of ids) insert.run(idToKey(id));
}

/**
 * Protects pending items that are on the list, `countMax` at a time so that no transaction grows without bound; call it
 * inside a transaction until it touches nothing.
 */
export function protectPending(db: DatabaseSync, addToTally: AddToTally, countMax: number): Touched {
  const rows = db
    .prepare(`
      SELECT seq, item.id AS id, source.path AS path, line FROM protect JOIN item ON item.id = protect.id JOIN source ON source.number = item.source
      WHERE NOT EXISTS (SELECT 1 FROM result WHERE result.item = seq) AND seq >= (SELECT reading_start_seq FROM state) LIMIT ?`)
    .all(countMax);
  const insert = db.prepare(`INSERT INTO result VALUES (?, ${OUTCOME_NUMBER.protected}, NULL, 0, 0, 0, 0)`);
  const touched = new TouchedRows();
  for (const row of rows) {
    const seq = Number(row['seq']);
    insert.run(seq);
    touched.add(seq, { outcome: 'protected', id: keyToId(row['id']), source: String(row['path']), line: Number(row['line']) });
  }
  addToTally({ accepted: -rows.length, protected: rows.length });
  return touched;
}
