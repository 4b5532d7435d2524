import { accessSync, closeSync, constants, lstatSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

import { storageError } from '../../domain/errors.ts';
import { FORMAT_VERSION, migrate, supplyMissing } from '../format/migrations.ts';
import { APPLICATION_ID, OUTCOME_NUMBER } from '../format/outcomes.ts';
import { isAtRest } from './database-files.ts';
import { hasWal, recordClosed, refuseWithoutWal } from './place.ts';
import {
  busyCheckpoint,
  checkpointError,
  damagedCheckpoint,
  notACheckpoint,
  readOnlyCheckpoint,
  sqliteCode,
  UnsoundError,
} from './sqlite-error.ts';

// What is written is written in order, and what is read is near what was read before.
const CACHE_KIB = 4 * 1024;
/** How long a write waits for a reader such as `status`, which holds its lock for milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

/** Opens a checkpoint for a run that holds its lock, after checking that it is one; an older format is migrated. */
export function openDatabase(path: string): DatabaseSync {
  return opened(path, { readOnly: false, isAtRest: false }, (db, version) => {
    db.exec(`PRAGMA synchronous = FULL; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY`);
    if (version < FORMAT_VERSION) migrate(db, version);
  });
}

/**
 * Opens a checkpoint to read. Nothing is written, and an older format is read as the present one. Without the lock, a run
 * may begin on it meanwhile: see `CheckpointReader`.
 */
export function openDatabaseToRead(path: string, rests: boolean = isAtRest(path)): DatabaseSync {
  return opened(path, { readOnly: true, isAtRest: rests }, (db, version) => supplyMissing(db, version));
}

/** Opens a checkpoint to read for as long as `work` takes. */
export function readDatabase<T>(path: string, work: (db: DatabaseSync) => T): T {
  const db = openDatabaseToRead(path);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/**
 * Reads every page, because damage in the middle of a file shows only then. The file is opened read-only: closing a writable
 * connection would copy the WAL into the damaged file.
 */
export function checkWholeDatabase(path: string): void {
  const db = openDatabaseToRead(path);
  try {
    const first = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (first !== 'ok') throw damagedCheckpoint(path, String(first));
    const differing = differingCount(db);
    if (differing !== undefined) throw damagedCheckpoint(path, `the outcomes it holds are not those it has counted as ${differing}`);
  } catch (error) {
    throw checkpointError(error, path);
  } finally {
    db.close();
  }
}

/** An outcome that was overwritten by another leaves a well-formed file, but the counts no longer agree with it. */
function differingCount(db: DatabaseSync): string | undefined {
  const names = ['deleted', 'absent', 'failed', 'planned'] as const;
  const sums = names.map((name) => `count(*) FILTER (WHERE outcome = ${OUTCOME_NUMBER[name]}) AS ${name}`).join(', ');
  const held = db.prepare(`SELECT ${sums} FROM result`).get();
  const counted = db.prepare('SELECT * FROM tally').get();
  return names.find((name) => held?.[name] !== counted?.[name]);
}

/**
 * Closes a checkpoint after moving what its WAL holds into the file, so that one file is left. If that fails nothing is
 * lost: the WAL stays beside the file, and the next one to open the checkpoint reads both. A finished run must not fail
 * because of it, or the same command would start the finished purge again. It also does not wait for a reader of the
 * checkpoint: a run that was asked to stop has little time.
 */
export function closeDatabase(db: DatabaseSync): void {
  const path = db.location() ?? '';
  let isRecorded = false;
  try {
    db.exec('PRAGMA busy_timeout = 0');
    recordClosed(db);
    isRecorded = true;
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch (error) {
    if (sqliteCode(error) === undefined && !(error instanceof UnsoundError)) throw error;
  } finally {
    db.close();
    if (!isRecorded) sayNothingIsMissing(path);
  }
}

/**
 * Moves everything that is in the WAL into the file itself, because only the file is renamed afterwards. Throws if a reader
 * of the checkpoint prevents it.
 */
export function foldWal(db: DatabaseSync, path: string): void {
  const { busy } = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() ?? {};
  if (busy !== 0) throw busyCheckpoint(path, 'it is being read');
}

/**
 * @param options - `isAtRest`: nothing was written since a clean end, so SQLite needs no files of its own beside the
 *   checkpoint. They would stay behind, or could not be made in a read-only folder.
 */
function opened(
  path: string,
  options: { readonly readOnly: boolean; readonly isAtRest: boolean },
  prepare: (db: DatabaseSync, version: number) => void,
): DatabaseSync {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw storageError('CHECKPOINT_MISSING', `there is no checkpoint ${path}.`, [
      'Check the path; `images-purge delete` and `plan` name it when they end.',
    ]);
  }
  if (stat.isDirectory()) throw notACheckpoint(path, 'it is a folder');
  // The caller has followed links already. Opening a pipe would wait until something writes to it.
  if (stat.isSymbolicLink()) throw notACheckpoint(path, 'it is a link');
  if (!stat.isFile()) throw notACheckpoint(path, 'it is not a regular file');
  if (stat.size === 0) throw notACheckpoint(path, 'it is empty');
  // SQLite would open it read-only, and make files beside it that stay read-only when the user has made this one writable.
  if (!options.readOnly && !isWritable(path)) throw readOnlyCheckpoint(path);
  const hadWal = hasWal(path);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(options.isAtRest ? immutableUrl(path) : path, { readOnly: options.readOnly, timeout: BUSY_TIMEOUT_MS });
    const version = checkHeader(db, path);
    // A run may have begun since; then its WAL is there by now.
    if (!hadWal && !(options.readOnly && hasWal(path))) refuseWithoutWal(db, path);
    prepare(db, version);
    return db;
  } catch (error) {
    db?.close();
    if (hadWal && !options.readOnly) sayNothingIsMissing(path);
    throw checkpointError(error, path);
  }
}

/** A connection that was closed may have moved the WAL into the file and removed it. An empty one says that nothing is missing. */
function sayNothingIsMissing(path: string): void {
  if (!hasWal(path) && lstatSync(path, { throwIfNoEntry: false }) !== undefined) closeSync(openSync(`${path}-wal`, 'a', 0o600));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function immutableUrl(path: string): URL {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return url;
}

function checkHeader(db: DatabaseSync, path: string): number {
  const applicationId = pragmaNumber(db, 'application_id');
  if (applicationId !== APPLICATION_ID) throw notACheckpoint(path, 'it is another program’s SQLite database');
  const version = pragmaNumber(db, 'user_version');
  if (version > FORMAT_VERSION) {
    throw storageError(
      'CHECKPOINT_NEWER',
      `the checkpoint ${path} was written by a newer images-purge (format ${version}; this one knows ${FORMAT_VERSION}). ` +
        'It was not touched.',
      ['Update images-purge, then run the same command.'],
    );
  }
  const tables = db
    .prepare(
      `SELECT count(*) AS n FROM sqlite_schema
       WHERE type = 'table' AND name IN ('definition', 'state', 'tally', 'report', 'item', 'result')`,
    )
    .get();
  if (version < 1 || tables?.['n'] !== 6) throw damagedCheckpoint(path, 'tables are missing');
  return version;
}

function pragmaNumber(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}
