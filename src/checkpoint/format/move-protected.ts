import type { DatabaseSync } from 'node:sqlite';

import { type IdKey, keyToId, matchKeyOf } from './id-key.ts';

/** How the rule is named whose entries an older version has recorded without their file. */
const EARLIER_RULE = 'an exclude file of an earlier run';

/** Format 2 kept protected IDs without keys, and did not say which file they came from. Call it inside a transaction. */
export function moveProtectedIds(db: DatabaseSync): void {
  const { count } = db.prepare('SELECT count(*) AS count FROM protect').get() as { count: number };
  if (count === 0) return;
  db.function('entry_key', { deterministic: true }, (stored) => entryKey(stored as IdKey));
  db.prepare("INSERT INTO protect_rule (number, name, path, is_literal, entries, held, near) VALUES (1, ?, '', 0, ?, 0, 0)").run(
    EARLIER_RULE,
    count,
  );
  db.exec(`
    INSERT OR IGNORE INTO protect_entry SELECT entry_key(id), CASE WHEN entry_key(id) = id THEN '' ELSE id END, 1, 0 FROM protect;
    DELETE FROM protect;`);
}

/** The key of a text is a text, but for that of a UUID in capitals. */
function entryKey(stored: IdKey): IdKey {
  return typeof stored === 'string' ? matchKeyOf(keyToId(stored)) : stored;
}
