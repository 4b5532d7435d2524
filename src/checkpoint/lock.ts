import { closeSync, lstatSync, openSync, unlinkSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { EXIT, storageError, UserError } from '../domain/errors.ts';
import { shellPath } from '../domain/shell-word.ts';
import { checkpointError, isBusy } from './sqlite-error.ts';

/** Held while a run works on a checkpoint. */
export interface CheckpointLock {
  release(): void;
}

const LOCK_TRIES_MAX = 5;

/**
 * Keeps a second run away from a checkpoint: a small SQLite file beside it, held in BEGIN EXCLUSIVE. The kernel frees it
 * with the process, so a killed run leaves no lock behind, on whatever host it ran; `status` still reads the checkpoint.
 */
export function lockCheckpoint(checkpointPath: string): CheckpointLock {
  refuseSecondName(checkpointPath);
  const lockPath = `${checkpointPath}.lock`;
  for (let tries = 0; tries < LOCK_TRIES_MAX; tries++) {
    const db = openAndLock(lockPath, checkpointPath);
    // The run before us unlinks its lock file before it lets go: then what we hold is no longer at this path.
    const inodeHeld = inodeOf(lockPath);
    const stillThere = inodeHeld !== undefined && inodeHeld === db.inodeBefore;
    if (stillThere) return { release: () => releaseLock(db.handle, lockPath) };
    db.handle.close();
  }
  throw lockedError(checkpointPath);
}

/** Whether a run works on the checkpoint at this instant; leaves nothing behind. */
export function isCheckpointLocked(checkpointPath: string): boolean {
  const lockPath = `${checkpointPath}.lock`;
  if (inodeOf(lockPath) === undefined) return false;
  const handle = new DatabaseSync(lockPath, { readOnly: true, timeout: 0 });
  try {
    handle.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    handle.close();
  }
}

function openAndLock(lockPath: string, checkpointPath: string): { handle: DatabaseSync; inodeBefore: number | undefined } {
  let handle: DatabaseSync | undefined;
  try {
    createPrivately(lockPath);
    handle = new DatabaseSync(lockPath, { timeout: 0 });
    const inodeBefore = inodeOf(lockPath);
    handle.exec('BEGIN EXCLUSIVE');
    return { handle, inodeBefore };
  } catch (error) {
    handle?.close();
    if (isBusy(error)) throw lockedError(checkpointPath);
    throw checkpointError(error, lockPath);
  }
}

function releaseLock(handle: DatabaseSync, lockPath: string): void {
  try {
    unlinkSync(lockPath);
  } catch {
    // A lock file that nobody holds locks nobody out; how the run went is told, not this.
  } finally {
    handle.close();
  }
}

/** Never opens a file that is there: closing it again would drop the lock another run of this process holds on it. */
function createPrivately(lockPath: string): void {
  if (inodeOf(lockPath) !== undefined) return;
  try {
    closeSync(openSync(lockPath, 'ax', 0o600));
  } catch (error) {
    const isThereByNow = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (!isThereByNow) throw lockUnwritable(lockPath, error);
  }
}

/** Links that are followed share one lock; under a hard link another run would hold another, and SQLite would keep another WAL. */
function refuseSecondName(checkpointPath: string): void {
  const stat = lstatSync(checkpointPath, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || stat.nlink <= 1) return;
  throw storageError('CHECKPOINT_HARD_LINKED', `the checkpoint ${checkpointPath} has another name too (it is hard-linked), under which a second run could work on it. It was not touched.`, [
    'Remove the other name, or make this one a file of its own (copy it, then rename the copy over it), then run the same command.',
  ]);
}

function inodeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}

function lockedError(checkpointPath: string): UserError {
  return new UserError({
    code: 'CHECKPOINT_LOCKED',
    exitCode: EXIT.locked,
    message: `another run holds the checkpoint ${checkpointPath}.`,
    nextSteps: [`See how far it is:  images-purge status ${shellPath(checkpointPath)}`, 'Wait for it to end, or stop it, then run the same command.'],
  });
}

function lockUnwritable(lockPath: string, error: unknown): UserError {
  const cause = error instanceof Error ? error.message : String(error);
  return storageError('CHECKPOINT_CANNOT_OPEN', `the checkpoint's lock ${lockPath} cannot be created (${cause}).`, [
    'Check that the folder exists and that you may write there, or give another --checkpoint.',
  ], error);
}
