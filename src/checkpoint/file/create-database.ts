import { closeSync, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { storageError, UserError } from '../../domain/errors.ts';
import { newPathOf } from '../../domain/new-file.ts';
import type { Definition } from '../facts.ts';
import { createTables } from '../format/migrations.ts';
import { APPLICATION_ID } from '../format/outcomes.ts';
import { type RecordedPermits, writePermits } from '../permits.ts';
import { EMPTY_SHA256 } from '../report-state.ts';
import { TALLY_COLUMNS } from '../tally.ts';
import { removeDatabase, syncFolder } from './database-files.ts';
import { checkpointError, sqliteCode } from './sqlite-error.ts';

const INSERT_STATE = `
  INSERT INTO state (
    is_plan, is_confirmed, is_intake_complete, reading, reading_start_seq, next_seq, is_clean, sent_through_seq, last_worked_at_ms, run_json
  )
  VALUES (?, 0, 0, 0, 1, 1, 1, 0, ?, '{}')`;
const INSERT_TALLY = `INSERT INTO tally (${TALLY_COLUMNS.join(', ')}) VALUES (${TALLY_COLUMNS.map(() => '0').join(', ')})`;

/**
 * Makes an empty checkpoint under another name and renames it into place, so that a crash half-way leaves either no
 * checkpoint or a whole one. The caller holds the lock.
 */
export function createDatabase(
  path: string,
  definition: Definition,
  isPlan: boolean,
  nowMs: number,
  permits: readonly RecordedPermits[] = [],
): void {
  const newPath = newPathOf(path);
  try {
    removeDatabase(newPath);
    closeSync(openSync(newPath, 'wx', 0o600));
    const db = new DatabaseSync(newPath);
    try {
      db.exec(`BEGIN; PRAGMA application_id = ${APPLICATION_ID}`);
      createTables(db);
      db.prepare('INSERT INTO definition (json) VALUES (?)').run(JSON.stringify(definition));
      db.prepare(INSERT_STATE).run(isPlan ? 1 : 0, nowMs);
      db.exec(INSERT_TALLY);
      db.prepare('INSERT INTO report (offset_bytes, sha256, unreported) VALUES (0, ?, ?)').run(EMPTY_SHA256, new Uint8Array());
      writePermits(db, permits);
      db.exec('COMMIT');
      // This comes last, with nothing written afterwards. A WAL would not be renamed with its file, and closing reports no error
      // when it cannot empty one.
      if (db.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'] !== 'wal')
        throw cannotBeCreated(path, 'it cannot be given a write-ahead log', undefined);
    } finally {
      db.close();
    }
    setOrphansAside(path);
    renameSync(newPath, path);
    syncFolder(path);
  } catch (error) {
    removeLeftOver(newPath);
    throw fileError(error, path);
  }
}

/**
 * SQLite would take a WAL that lies here for the new database's. The new purge would then begin with another purge's account
 * and outcomes. Such a WAL is left when a checkpoint is removed or moved without it, or by a crash.
 */
function setOrphansAside(path: string): void {
  rmSync(`${path}-shm`, { force: true });
  for (const orphan of [`${path}-wal`, `${path}-journal`]) {
    const stat = lstatSync(orphan, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (stat.size === 0) rmSync(orphan);
    else renameSync(orphan, `${orphan}.orphan`);
    // Before the new database is there: after a power loss the old WAL could be back, and would be taken for the new one's.
    syncFolder(path);
  }
}

/** Called after an error, which is what gets reported. The next run starts by removing what cannot be removed now. */
function removeLeftOver(path: string): void {
  try {
    removeDatabase(path);
  } catch {
    // The first error is reported; it usually is also why this fails.
  }
}

function fileError(error: unknown, path: string): unknown {
  if (error instanceof UserError || sqliteCode(error) !== undefined || !(error instanceof Error) || !('code' in error))
    return checkpointError(error, path);
  return cannotBeCreated(path, error.message, error);
}

function cannotBeCreated(path: string, cause: string, error: (Error & { readonly code: unknown }) | undefined): UserError {
  const code = error?.code === 'ENOSPC' ? 'CHECKPOINT_DISK_FULL' : 'CHECKPOINT_CANNOT_OPEN';
  return storageError(
    code,
    `the checkpoint ${path} cannot be created (${cause}).`,
    ['Check that its folder exists, has space and that you may write there, or give another --checkpoint.'],
    error,
  );
}
