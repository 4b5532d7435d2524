import { lstatSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

import { storageError, type UserError } from '../../domain/errors.ts';
import { shellPath } from '../../text/shell-word.ts';
import { storedObject } from '../format/stored.ts';
import { type ProcessMark, thisProcess } from './process-mark.ts';
import { UnsoundError } from './sqlite-error.ts';

/** Where a checkpoint lay and whose it was when a run last opened it. A part of the definition's JSON; older ones have none. */
export interface RecordedPlace {
  /** With symbolic links resolved. */
  readonly path: string;
  /** A run has it open, or was killed: what that run wrote last is in the WAL alone. */
  readonly isOpen: boolean;
  /** The one that opened it; `null` where that cannot be told. */
  readonly process: ProcessMark | null;
}

export function readPlace(db: DatabaseSync): RecordedPlace | undefined {
  const json: unknown = db.prepare('SELECT json FROM definition').get()?.['json'];
  if (json === undefined) return undefined;
  const { place } = storedObject(json) as { readonly place?: RecordedPlace };
  if (place !== undefined && typeof place.path !== 'string') throw new UnsoundError('it does not say where it lay');
  return place;
}

export function recordPlace(db: DatabaseSync, place: RecordedPlace): void {
  db.prepare(`UPDATE definition SET json = json_set(json, '$.place', json(?))`).run(JSON.stringify(place));
}

/** The place of a checkpoint that this process opens now. */
export function placeHere(path: string): RecordedPlace {
  return { path, isOpen: true, process: thisProcess() ?? null };
}

/** Says in the checkpoint that everything is in its file. The caller then moves the WAL there. */
export function recordClosed(db: DatabaseSync): void {
  const place = readPlace(db);
  if (place?.isOpen === true) recordPlace(db, { ...place, isOpen: false });
}

/**
 * Moves the newest of the WAL into the file, so that the file alone tells what {@link recordPlace} has recorded. Waits for nobody:
 * a reader that prevents it can only be there after a kill, and then the file tells the same already.
 */
export function tellInFile(db: DatabaseSync): void {
  db.exec('PRAGMA wal_checkpoint(PASSIVE)');
}

/** Whether there is a WAL, if only an empty one. Look before SQLite opens the checkpoint, which may make one. */
export function hasWal(path: string): boolean {
  return lstatSync(`${path}-wal`, { throwIfNoEntry: false }) !== undefined;
}

/**
 * Throws if the file says that a run was open and its WAL is not there: without it the newest outcomes are missing, and maybe most
 * of what was protected.
 */
export function refuseWithoutWal(db: DatabaseSync, path: string): void {
  if (readPlace(db)?.isOpen === true) throw walMissing(path);
}

function walMissing(path: string): UserError {
  const wal = `${path}-wal`;
  return storageError(
    'WAL_MISSING',
    `${wal} is missing. The run that worked on the checkpoint was killed, and what it wrote last is in that file alone. ` +
      'Nothing was touched.',
    [
      'Put it back: a checkpoint is moved and copied together with its -wal file.',
      'Where another program has moved its content into the checkpoint (sqlite3 does when it ends), say so by an empty one:',
      `  touch ${shellPath(wal)}`,
      'Where it is lost, begin again with another --checkpoint and the same --exclude and guards; what was deleted then counts as absent.',
    ],
  );
}
