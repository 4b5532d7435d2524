import type { DatabaseSync } from 'node:sqlite';

import type { ImageId } from '../domain/image-id.ts';
import { keyToId } from './format/id-key.ts';
import { theRow } from './read-facts.ts';
import { refuseUnsound, SOUNDNESS } from './format/sound-item.ts';

/** An ID that may be sent from now on: the checkpoint says so, whatever happens next. */
export interface PageItem {
  readonly seq: number;
  readonly id: ImageId;
  readonly source: string;
  readonly line: number;
  /** Failed requests that count as attempts, those of earlier runs included. */
  readonly attempts: number;
  /** An earlier request for it ended without an answer, or with an answer that is retried. */
  readonly isUnknown: boolean;
}

export interface Pages {
  /** The next pending items in source order, none twice in a run. They are marked as sent; call it inside a transaction. */
  take(countMax: number): PageItem[];
}

export function preparePages(db: DatabaseSync): Pages {
  const select = db.prepare(`
    SELECT seq, id, source.path AS path, line, coalesce(tried.attempts, 0) AS attempts, coalesce(tried.is_unknown, 0) AS is_unknown,
      ${SOUNDNESS}
    FROM item JOIN source ON source.number = item.source LEFT JOIN tried ON tried.item = item.seq
    WHERE seq > ? AND NOT EXISTS (SELECT 1 FROM result WHERE result.item = item.seq)
    ORDER BY seq LIMIT ?`);
  const markSent = db.prepare('UPDATE state SET is_clean = 0, sent_through_seq = ?, ended_by = NULL');
  let cursorSeq: number | undefined;

  return {
    take(countMax) {
      cursorSeq ??= lastOfDone(db);
      const rows = select.all(cursorSeq, countMax);
      for (const row of rows) refuseUnsound(row);
      const items = rows.map((row) => ({
        seq: Number(row['seq']),
        id: keyToId(row['id']),
        source: String(row['path']),
        line: Number(row['line']),
        attempts: Number(row['attempts']),
        isUnknown: row['is_unknown'] === 1,
      }));
      const last = items.at(-1);
      if (last !== undefined) {
        cursorSeq = last.seq;
        markSent.run(last.seq);
      }
      return items;
    },
  };
}

/** How many items are counted at once. */
const COUNTED_AT_ONCE = 50_000;

/**
 * The item up to which, or nearly, all of this reading have a result. Items and results are counted four times as fast as
 * each item is looked up among the results: behind five million of them, a resumed run begins a second sooner.
 */
function lastOfDone(db: DatabaseSync): number {
  const { start, end } = theRow(db, 'SELECT reading_start_seq - 1 AS start, (SELECT coalesce(max(item), 0) FROM result) AS end FROM state');
  const count = db.prepare(`
    SELECT (SELECT count(*) FROM item WHERE seq > ?1 AND seq <= ?2) AS items,
      (SELECT count(*) FROM result WHERE item > ?1 AND item <= ?2) AS results`);
  let last = Number(start);
  for (; last + COUNTED_AT_ONCE <= Number(end); last += COUNTED_AT_ONCE) {
    const counted = count.get(last, last + COUNTED_AT_ONCE);
    if (counted?.['items'] !== counted?.['results']) break;
  }
  return last;
}

/**
 * Call it after a run that was killed: every ID that it took and did not record may have been sent. Notes each of them,
 * then marks the checkpoint as clean.
 */
export function noteUnanswered(db: DatabaseSync): void {
  if (theRow(db, 'SELECT is_clean FROM state')['is_clean'] === 1) return;
  db.exec(`
    BEGIN IMMEDIATE;
    INSERT INTO tried (item, attempts, is_unknown) SELECT seq, 0, 1 FROM item, state
      WHERE seq >= reading_start_seq AND seq <= sent_through_seq AND NOT EXISTS (SELECT 1 FROM result WHERE result.item = seq)
      ON CONFLICT (item) DO UPDATE SET is_unknown = 1;
    UPDATE state SET is_clean = 1;
    COMMIT`);
}
