import { closeSync, lstatSync, openSync, unlinkSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

import { EXIT, storageError, UserError } from '../../domain/errors.ts';
import { shellPath } from '../../text/shell-word.ts';
import { readPlace } from './place.ts';
import { isAtWork, thisProcess } from './process-mark.ts';
import { checkpointError, isBusy } from './sqlite-error.ts';

/** Held while a run works on a checkpoint. */
export interface CheckpointLock {
  /** Whether its file is still the one that others would have to lock. */
  isInPlace(): boolean;
  release(): void;
}

/** A try that fails, or gets a lock file that is no longer in place, met a run that just ended. More of them are a lasting fault. */
const TRIES_MAX = 100;
/** How long a run waits for `status`, which holds the lock for less than a millisecond, and for a run that is ending. */
const BUSY_TIMEOUT_MS = 250;
/** The `user_version` of a lock file that its run has unlinked: another run that had it open gets no lock from it. */
const SPENT = 1;

/**
 * Keeps a second run away from a checkpoint: a small SQLite file beside it, held in BEGIN EXCLUSIVE. The kernel frees it
 * with the process, so a killed run leaves no lock behind, on any host. `status` can still read the checkpoint.
 */
export function lockCheckpoint(checkpointPath: string): CheckpointLock {
  refuseSecondName(checkpointPath);
  const lock = takeLock(`${checkpointPath}.lock`);
  if (lock === undefined) throw lockedError(checkpointPath);
  return lock;
}

/** @returns `undefined` if another run holds it */
export function takeLock(lockPath: string): CheckpointLock | undefined {
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    try {
      const held = openAndLock(lockPath);
      if (held !== undefined) return { isInPlace: () => inodeOf(lockPath) === held.inode, release: () => releaseLock(held, lockPath) };
    } catch (error) {
      if (isBusy(error)) break;
      // SQLite fails on a file that is unlinked while it opens or locks it.
      if (tries === TRIES_MAX) throw checkpointError(error, lockPath);
    }
  }
  return undefined;
}

/**
 * Throws if the run that has the checkpoint open is at work, although its lock could be taken: somebody has removed the lock file. Seen
 * from another container it cannot be told; there, the run before ends at its next commit.
 */
export function refuseWhileAtWork(db: DatabaseSync, checkpointPath: string): void {
  const { isOpen = false, process: holder = null } = readPlace(db) ?? {};
  if (isOpen && holder !== null && holder.pid !== thisProcess()?.pid && isAtWork(holder)) throw lockedError(checkpointPath);
}

/** Whether a run works on the checkpoint at this instant; leaves nothing behind. */
export function isCheckpointLocked(checkpointPath: string): boolean {
  const lockPath = `${checkpointPath}.lock`;
  for (let tries = 1; inodeOf(lockPath) !== undefined; tries++) {
    let handle: DatabaseSync | undefined;
    try {
      handle = new DatabaseSync(lockPath, { readOnly: true, timeout: 0 });
      handle.prepare('SELECT count(*) FROM sqlite_schema').get();
      return false;
    } catch (error) {
      if (isBusy(error)) return true;
      if (tries === TRIES_MAX) throw error;
    } finally {
      handle?.close();
    }
  }
  return false;
}

interface HeldLock {
  readonly handle: DatabaseSync;
  readonly inode: number | undefined;
}

/** @returns `undefined` if the run before has unlinked the lock file meanwhile: the file that is held is not at this path any more */
function openAndLock(lockPath: string): HeldLock | undefined {
  createPrivately(lockPath);
  const inode = inodeOf(lockPath);
  const handle = new DatabaseSync(existingUrl(lockPath), { timeout: BUSY_TIMEOUT_MS });
  let isHeld = false;
  try {
    // The mark is written when the file is gone. A journal beside it would be taken for the next lock file's.
    handle.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN EXCLUSIVE');
    // The inode number alone is not enough: file systems reuse that of an unlinked file.
    const isSpent = handle.prepare('PRAGMA user_version').get()?.['user_version'] === SPENT;
    isHeld = !isSpent && inodeOf(lockPath) === inode;
    return isHeld ? { handle, inode } : undefined;
  } finally {
    if (!isHeld) handle.close();
  }
}

/** Makes SQLite fail instead of creating the file, which would be readable by everyone. */
function existingUrl(path: string): URL {
  const url = pathToFileURL(path);
  url.searchParams.set('mode', 'rw');
  return url;
}

/** Unlinks the lock file while it is still held, and marks it for a run that has opened it and waits. */
function releaseLock({ handle, inode }: HeldLock, lockPath: string): void {
  try {
    // If it was removed from outside, the file at this path may be another run's.
    if (inodeOf(lockPath) !== inode) return;
    unlinkSync(lockPath);
    handle.exec(`PRAGMA user_version = ${SPENT}; COMMIT`);
  } catch {
    // A lock file that no process holds does no harm. The result of the run matters more than this error.
  } finally {
    handle.close();
  }
}

/** Never opens an existing file: closing it would drop the lock that another run in this process holds on it. */
function createPrivately(lockPath: string): void {
  if (inodeOf(lockPath) !== undefined) return;
  try {
    closeSync(openSync(lockPath, 'ax', 0o600));
  } catch (error) {
    const existsAlready = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (!existsAlready) throw lockUnwritable(lockPath, error);
  }
}

/** Symbolic links are followed and share one lock. A hard link has a lock and a WAL of its own, so two runs could write one file. */
function refuseSecondName(checkpointPath: string): void {
  const stat = lstatSync(checkpointPath, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || stat.nlink <= 1) return;
  throw storageError(
    'CHECKPOINT_HARD_LINKED',
    `the checkpoint ${checkpointPath} has another name too (it is hard-linked), under which a second run could work on it. ` +
      'It was not touched.',
    ['Remove the other name, or make this one a file of its own (copy it, then rename the copy over it), then run the same command.'],
  );
}

function inodeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}

function lockedError(checkpointPath: string): UserError {
  return new UserError({
    code: 'CHECKPOINT_LOCKED',
    exitCode: EXIT.locked,
    message: `another run holds the checkpoint ${checkpointPath}.`,
    nextSteps: [
      `See how far it is:  images-purge status ${shellPath(checkpointPath)}`,
      'Wait for it to end, or stop it, then run the same command.',
    ],
  });
}

function lockUnwritable(lockPath: string, error: unknown): UserError {
  const cause = error instanceof Error ? error.message : String(error);
  return storageError(
    'CHECKPOINT_CANNOT_OPEN',
    `the checkpoint's lock ${lockPath} cannot be created (${cause}).`,
    ['Check that the folder exists and that you may write there, or give another --checkpoint.'],
    error,
  );
}
