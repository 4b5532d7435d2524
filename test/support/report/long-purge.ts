import { createDatabase } from '../../../src/checkpoint/file/create-database.ts';
import { openDatabase } from '../../../src/checkpoint/file/database.ts';
import { inTransaction } from '../../../src/checkpoint/file/transaction.ts';
import { itemSum } from '../../../src/checkpoint/format/sound-item.ts';
import type { Moment } from '../../../src/checkpoint/timeline/moment.ts';
import { recordMoments } from '../../../src/checkpoint/timeline/moments.ts';
import type { Definition } from '../../../src/checkpoint/facts.ts';
import { DEFINITION } from '../ledger/checkpoint.ts';

export interface LongPurge {
  readonly idCount: number;
  /** Of how many IDs one fails. */
  readonly failedEvery: number;
  /** `undefined`: as an older version left it. */
  readonly moments: readonly Moment[] | undefined;
  readonly definition?: Partial<Definition>;
  /** What failed IDs are called, before their numbers. */
  readonly failedId?: string;
  readonly message?: string;
}

/** When the first of its answers came. */
export const BEGAN_MS: number = Date.parse('2026-11-24T02:00:00Z');
/** Each ID takes so long: 1,000 in 5 minutes. */
export const MS_PER_ID = 300;

/** Writes the checkpoint of a finished purge as it would be after hours, in seconds: SQL makes the rows. */
export function writeLongPurge(path: string, purge: LongPurge): void {
  const { idCount, failedEvery, moments, definition = {}, failedId = 'failed-', message = 'Image is in use' } = purge;
  createDatabase(path, { ...DEFINITION, sourceCounts: [{ rows: idCount, accepted: idCount }], ...definition }, false, BEGAN_MS);
  const db = openDatabase(path);
  db.function('sum_of', { deterministic: true }, (seq, id) => itemSum(Number(seq), String(id)));
  const endMs = BEGAN_MS + idCount * MS_PER_ID;
  const counted = (outcome: number): string => `SELECT count(*) FROM made WHERE outcome = ${outcome}`;
  inTransaction(db, () => {
    db.exec(`
      INSERT INTO source (number, reading, path, absolute_path) SELECT 1, reading, 'old images.csv', '/data/old images.csv' FROM state;
      CREATE TEMP TABLE made AS WITH RECURSIVE number(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM number WHERE n < ${idCount})
        SELECT n, CASE WHEN n % ${failedEvery} = 0 THEN 3 WHEN n % 100 = 0 THEN 2 ELSE 1 END AS outcome FROM number;`);
    // Only failed IDs are shown one by one, and compared with their sums.
    db.prepare(
      `INSERT INTO item (seq, id, source, line, sum)
       SELECT n, CASE outcome WHEN 3 THEN ? || n ELSE n END, 1, n + 1, CASE outcome WHEN 3 THEN sum_of(n, ? || n) ELSE 0 END FROM made`,
    ).run(failedId, failedId);
    db.prepare('INSERT INTO detail (item, code, message, cf_ray) SELECT n, 5400 + n / ? % 3, ?, NULL FROM made WHERE outcome = 3').run(
      failedEvery,
      message,
    );
    db.exec(`
      INSERT INTO result (item, outcome, http_status, attempts, at_ms, duration_ms, is_unknown)
        SELECT n, outcome, CASE outcome WHEN 1 THEN 200 WHEN 2 THEN 404 ELSE 400 END, 1, ${BEGAN_MS} + n * ${MS_PER_ID},
          40 + n * 7919 % 60 + CASE WHEN n % 50 = 0 THEN 400 ELSE 0 END, 0 FROM made;
      UPDATE tally SET rows = ${idCount}, accepted = ${idCount},
        deleted = (${counted(1)}), absent = (${counted(2)}), failed = (${counted(3)});
      DROP TABLE made;
      UPDATE state SET is_confirmed = 1, is_intake_complete = 1, finished_at_ms = ${endMs}, last_worked_at_ms = ${endMs}, is_clean = 1,
        digest = '1a2b3c4d5e6f', set_size = ${idCount};`);
    if (moments !== undefined) recordMoments(db, moments);
  });
  db.close();
}
