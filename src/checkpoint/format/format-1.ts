/**
 * The tables of format 1. Frozen, because checkpoints of that format exist: a change of the format is an entry in
 * `FORMAT_STEPS` (`migrations.ts`), never an edit here.
 *
 * Items are in source order by rowid and never change. Results are in a table of their own: they arrive nearly in that order
 * too, so they are appended and do not split full pages.
 */
export const FORMAT_1_TABLES = `
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
`;
