import type { DatabaseSync } from 'node:sqlite';

import { idToKey, keyToId } from '../format/id-key.ts';

/**
 * Finds a few items by a walk through the file, which ends when it has met them all: those that a report begins with are among the
 * first. For more than a few see `ItemsById`.
 *
 * @returns the `seq` of each ID that is there
 */
export function findItems(db: DatabaseSync, ids: readonly string[]): Map<string, number> {
  const keys = [...new Set(ids)].map(idToKey);
  const rows = db.prepare(`SELECT seq, id FROM item WHERE id IN (${keys.map(() => '?').join(', ')}) LIMIT ${keys.length}`).all(...keys);
  return new Map(rows.map(({ seq, id }) => [keyToId(id), Number(seq)]));
}
