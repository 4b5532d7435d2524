import type { DatabaseSync } from 'node:sqlite';

import { type Moment, MOMENT_KINDS } from './moment.ts';
import { UnsoundError } from '../file/sqlite-error.ts';
import { storedCount, storedTime } from '../format/stored.ts';

/**
 * What changed how fast the purge went on, in the order in which it happened. It decides nothing and belongs to no format: the table is
 * made by the first transaction that has something for it, and a checkpoint without one has none of it on record. Older versions pass it
 * over. `kind` is a place in `MOMENT_KINDS`, from 1; `lane` is 0 for the account's own and NULL for all of them.
 */
const TABLE = 'CREATE TABLE IF NOT EXISTS moment (at_ms INTEGER NOT NULL, kind INTEGER NOT NULL, lane INTEGER, wait_ms INTEGER NOT NULL)';

/** Of all runs of a purge, as they are read. */
const READ_MAX = 100_000;

/** Call it inside the transaction that records the answers of that time. */
export function recordMoments(db: DatabaseSync, moments: readonly Moment[]): void {
  if (moments.length === 0) return;
  db.exec(TABLE);
  const insert = db.prepare('INSERT INTO moment (at_ms, kind, lane, wait_ms) VALUES (?, ?, ?, ?)');
  for (const { kind, atMs, lane, waitMs } of moments)
    insert.run(Math.round(atMs), MOMENT_KINDS.indexOf(kind) + 1, lane === 'account' ? 0 : (lane ?? null), Math.round(waitMs));
}

/** `undefined`: nothing was ever recorded, such as by an older version. */
export function readMoments(db: DatabaseSync): Moment[] | undefined {
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'moment'").get() === undefined) return undefined;
  return db
    .prepare('SELECT at_ms, kind, lane, wait_ms FROM moment ORDER BY rowid LIMIT ?')
    .all(READ_MAX)
    .map((row) => {
      const kind = MOMENT_KINDS[Number(row['kind']) - 1];
      if (kind === undefined) throw new UnsoundError(`it holds the unknown moment ${String(row['kind'])}`);
      const { lane } = row;
      return {
        kind,
        atMs: storedTime(row['at_ms']),
        lane: lane === null ? undefined : lane === 0 ? 'account' : storedCount(lane),
        waitMs: storedCount(row['wait_ms']),
      };
    });
}
