/**
 * What lies in a checkpoint. Items are in source order by rowid and never change; results stand apart in their own
 * table, because they arrive nearly in that order too and are then appended instead of making full pages split.
 *
 * @module
 */

import { UnsoundError } from '../file/sqlite-error.ts';

/** "IPRG": tells our files from any other SQLite database (`PRAGMA application_id`). */
export const APPLICATION_ID = 0x49505247;

/** `PRAGMA user_version` of the format below. Every change of the format raises it and adds a migration. */
export const FORMAT_VERSION = 2;

/** Requests by lane, in reservations: so many may have been sent until then. Since format 2. */
export const PERMIT_TABLE: string =
  'CREATE TABLE permit (lane TEXT NOT NULL, at_wall_ms INTEGER NOT NULL, at_boot_ms INTEGER, boot_id TEXT, count INTEGER NOT NULL);';

export const SCHEMA: string = `
CREATE TABLE definition (json TEXT NOT NULL);
CREATE TABLE state (
  is_plan INTEGER NOT NULL,
  is_confirmed INTEGER NOT NULL,
  is_intake_complete INTEGER NOT NULL,
  reading INTEGER NOT NULL,
  reading_start_seq INTEGER NOT NULL,
  next_seq INTEGER NOT NULL,
  ended_by TEXT,
  is_clean INTEGER NOT NULL,
  sent_through_seq INTEGER NOT NULL,
  finished_at_ms INTEGER,
  last_worked_at_ms INTEGER NOT NULL,
  run_json TEXT NOT NULL
);
CREATE TABLE tally (
  rows INTEGER NOT NULL, accepted INTEGER NOT NULL, duplicates INTEGER NOT NULL, protected INTEGER NOT NULL,
  rejected INTEGER NOT NULL, skipped INTEGER NOT NULL,
  deleted INTEGER NOT NULL, absent INTEGER NOT NULL, failed INTEGER NOT NULL, planned INTEGER NOT NULL
);
CREATE TABLE report (path TEXT, offset_bytes INTEGER NOT NULL, sha256 BLOB NOT NULL, unreported BLOB NOT NULL);
CREATE TABLE source (
  number INTEGER PRIMARY KEY, reading INTEGER NOT NULL, path TEXT NOT NULL, size_bytes INTEGER, sha256 BLOB
);
CREATE TABLE item (seq INTEGER PRIMARY KEY, id NOT NULL UNIQUE, source INTEGER NOT NULL, line INTEGER NOT NULL);
CREATE TABLE result (
  item INTEGER PRIMARY KEY, outcome INTEGER NOT NULL, http_status INTEGER, attempts INTEGER NOT NULL,
  at_ms INTEGER NOT NULL, duration_ms INTEGER NOT NULL, is_unknown INTEGER NOT NULL
);
CREATE TABLE detail (item INTEGER PRIMARY KEY, code INTEGER, message TEXT, cf_ray TEXT);
CREATE TABLE tried (item INTEGER PRIMARY KEY, attempts INTEGER NOT NULL, is_unknown INTEGER NOT NULL);
CREATE TABLE rejected (seq INTEGER PRIMARY KEY, source INTEGER NOT NULL, line INTEGER NOT NULL, raw TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE protect (id PRIMARY KEY) WITHOUT ROWID;
${PERMIT_TABLE}
`;

/** How `result.outcome` is written; 1 costs no byte in SQLite's record format, so the commonest has it. */
export const OUTCOME_NUMBER = { deleted: 1, absent: 2, failed: 3, protected: 4, planned: 5 } as const;

export type StoredOutcome = keyof typeof OUTCOME_NUMBER;

const OUTCOME_BY_NUMBER: readonly (StoredOutcome | undefined)[] = [undefined, 'deleted', 'absent', 'failed', 'protected', 'planned'];

export function outcomeFromNumber(number: number): StoredOutcome {
  const outcome = OUTCOME_BY_NUMBER[number];
  if (outcome === undefined) throw new UnsoundError(`it holds the unknown outcome ${number}`);
  return outcome;
}
