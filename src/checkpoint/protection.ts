import type { DatabaseSync, SQLInputValue } from 'node:sqlite';

import type { ImageId } from '../domain/image-id.ts';
import { idToKey, keyToId } from './format/id-key.ts';
import { NEVER_MS, prepareResultRows } from './format/result-rows.ts';
import type { AddToTally } from './tally.ts';
import { type Touched, TouchedRows } from './touched.ts';

/** Keys are texts and blobs, and numbers come before both. */
const BEFORE_EVERY_KEY = 0;

/** Adds IDs to the protect list; call it inside a transaction. */
export function addProtected(db: DatabaseSync, ids: readonly ImageId[]): void {
  const insert = db.prepare('INSERT OR IGNORE INTO protect (id) VALUES (?)');
  for (const id of ids) insert.run(idToKey(id));
}

/**
 * Protects the next pending items that are on the list, so many at a time that no transaction grows without bound; call
 * it inside a transaction until it touches nothing.
 */
export type ProtectPending = (countMax: number) => Touched;

export function prepareProtection(db: DatabaseSync, addToTally: AddToTally): ProtectPending {
  // The list is scanned once. Scanning from its beginning each time would take longer and longer.
  const select = db.prepare(`
    SELECT seq, item.id AS id, source.path AS path, line FROM protect
    CROSS JOIN item ON item.id = protect.id JOIN source ON source.number = item.source
    WHERE protect.id > ? AND NOT EXISTS (SELECT 1 FROM result WHERE result.item = seq) AND seq >= (SELECT reading_start_seq FROM state)
    ORDER BY protect.id LIMIT ?`);
  const resultRows = prepareResultRows(db);
  let cursor: SQLInputValue = BEFORE_EVERY_KEY;

  return (countMax) => {
    const rows = select.all(cursor, countMax);
    const touched = new TouchedRows();
    for (const row of rows) {
      const seq = Number(row['seq']);
      resultRows.insertUnsent(seq, 'protected', NEVER_MS);
      touched.add(seq, { outcome: 'protected', id: keyToId(row['id']), source: String(row['path']), line: Number(row['line']) });
    }
    addToTally({ accepted: -rows.length, protected: rows.length });
    cursor = rows.at(-1)?.['id'] ?? cursor;
    return touched;
  };
}
