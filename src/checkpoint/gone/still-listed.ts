import type { DatabaseSync } from 'node:sqlite';

import { OUTCOME_NUMBER } from '../format/outcomes.ts';
import { touchedBy } from '../report-records.ts';
import type { AddToTally } from '../tally.ts';
import type { Touched } from '../touched.ts';

/** What the message of an ID says that was deleted and is in the account all the same. */
export const STILL_LISTED = 'still listed';

/** Makes failed IDs of these, which were said to be gone. Call it inside a transaction. @returns their new lines */
export function markStillListed(db: DatabaseSync, addToTally: AddToTally, seqs: readonly number[], atMs: number): Touched {
  const { deleted, absent, failed } = OUTCOME_NUMBER;
  const find = db.prepare(`SELECT outcome FROM result WHERE item = ? AND outcome IN (${deleted}, ${absent})`);
  // Sent again, such an ID may be absent because of the first request after all.
  const mark = db.prepare(`UPDATE result SET outcome = ${failed}, at_ms = ?, is_unknown = 1 WHERE item = ?`);
  const tell = db.prepare('INSERT OR REPLACE INTO detail (item, message) VALUES (?, ?)');
  const count = { deleted: 0, absent: 0, failed: 0 };
  const marked = seqs.filter((seq) => {
    const outcome = find.get(seq)?.['outcome'];
    if (outcome === undefined) return false;
    mark.run(atMs, seq);
    tell.run(seq, STILL_LISTED);
    count[outcome === deleted ? 'deleted' : 'absent']--;
    count.failed++;
    return true;
  });
  addToTally(count);
  return touchedBy(db, marked);
}
