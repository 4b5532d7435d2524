import type { DatabaseSync } from 'node:sqlite';

import { type IdKey, keyToId } from '../format/id-key.ts';
import type { AddToTally } from '../tally.ts';
import { type Touched, TouchedRows } from '../touched.ts';
import type { Protection } from './protection.ts';

/** How many pending items are looked at in one step: a run that is to stop does not wait longer. */
const LOOKED_AT_MAX = 100_000;

/**
 * Protects pending items that the rules hold. Each call looks at the next ones and protects so many at most that no transaction
 * grows without bound; call it inside a transaction until it says that it was the last.
 */
export type ProtectPending = (countMax: number) => { readonly touched: Touched; readonly isLast: boolean };

/** What says which items are held. */
type Finder = Pick<Protection, 'hasRules' | 'find'>;

export function prepareProtectPending(
  db: DatabaseSync,
  protection: Protection,
  addToTally: AddToTally,
  finder: Finder = protection,
): ProtectPending {
  const select = db.prepare(`
    SELECT seq, item.id AS id, source.path AS path, line FROM item JOIN source ON source.number = item.source
    WHERE seq > ? AND seq >= (SELECT reading_start_seq FROM state) AND NOT EXISTS (SELECT 1 FROM result WHERE result.item = seq)
    ORDER BY seq LIMIT ?`);
  let cursor = 0;

  return (countMax) => {
    const touched = new TouchedRows();
    if (!finder.hasRules) return { touched, isLast: true };
    let lookedAt = 0;
    // Its rows are read first: what is protected must not change what is being selected.
    const found = [];
    for (const row of select.iterate(cursor, LOOKED_AT_MAX)) {
      lookedAt++;
      cursor = Number(row['seq']);
      const id = keyToId(row['id']);
      const hit = finder.find(row['id'] as IdKey);
      if (hit === undefined) continue;
      found.push({ item: { seq: cursor, id, source: String(row['path']), line: Number(row['line']) }, hit });
      if (found.length === countMax) break;
    }
    for (const { item, hit } of found) touched.add(item.seq, protection.protect(item, hit));
    addToTally({ accepted: -found.length, protected: found.length });
    const isLast = lookedAt < LOOKED_AT_MAX && found.length < countMax;
    if (isLast) protection.release();
    return { touched, isLast };
  };
}
