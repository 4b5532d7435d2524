import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

import { storageError, UserError } from '../../domain/errors.ts';

const SQLITE = { busy: 5, locked: 6, readOnly: 8, ioError: 10, malformed: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const;

const AGAIN = 'then run the same command: every committed result is kept';

/** A well-formed SQLite file holds a value that no version of ours has ever written. It was damaged, or another program wrote to it. */
export class UnsoundError extends Error {
  override readonly name = 'UnsoundError';
}

/** SQLite's primary result code of an error, or `undefined` if the error is not from SQLite. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

/** We never write a number beyond 2^53. Node throws this error when it reads one. */
function isNumberTooLarge(error: unknown): error is RangeError {
  return error instanceof RangeError && 'code' in error && error.code === 'ERR_OUT_OF_RANGE';
}

/** What `node:fs` throws: the system refused something. It is not a bug of ours. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'errno' in error;
}

export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === SQLITE.busy || code === SQLITE.locked;
}

/** Turns an SQLite error into one that says what the user can do. Other errors are returned as they are. */
export function checkpointError(error: unknown, path: string): unknown {
  if (error instanceof UserError) return error;
  if (error instanceof UnsoundError || isNumberTooLarge(error)) return damagedCheckpoint(path, error.message);
  const code = sqliteCode(error);
  const cause = error instanceof Error ? error.message : String(error);
  if (code === undefined)
    return isSystemError(error)
      ? storageError(
          'CHECKPOINT_IO',
          `a file of the checkpoint ${path} could not be read or written (${cause}).`,
          [`Check the disk, its space and its permissions, ${AGAIN}.`],
          error,
        )
      : error;
  // Where the memory that connections share cannot be made, SQLite speaks of an I/O error.
  switch (code === SQLITE.ioError && isDiskFull(path) ? SQLITE.full : code) {
    case SQLITE.full:
      return storageError(
        'CHECKPOINT_DISK_FULL',
        `the disk that holds the checkpoint ${path} is full.`,
        [`Free some space, ${AGAIN}.`],
        error,
      );
    case SQLITE.readOnly:
      return readOnlyCheckpoint(path, error);
    case SQLITE.cannotOpen:
      return storageError(
        'CHECKPOINT_CANNOT_OPEN',
        `the checkpoint ${path} cannot be opened (${cause}).`,
        ['Check that its folder exists and that you may read and write there.'],
        error,
      );
    case SQLITE.malformed:
      return damagedCheckpoint(path, cause);
    case SQLITE.notADatabase:
      return notACheckpoint(path, 'it is not an SQLite file');
    case SQLITE.busy:
    case SQLITE.locked:
      return busyCheckpoint(path, cause, error);
    default:
      return storageError(
        'CHECKPOINT_IO',
        `the checkpoint ${path} could not be read or written (${cause}).`,
        [`Check the disk, ${AGAIN}.`],
        error,
      );
  }
}

export function readOnlyCheckpoint(path: string, error?: unknown): UserError {
  return storageError(
    'CHECKPOINT_READ_ONLY',
    `the checkpoint ${path} cannot be written: it is read-only.`,
    [`Make it writable, ${AGAIN}.`],
    error,
  );
}

export function busyCheckpoint(path: string, cause: string, error?: unknown): UserError {
  return storageError('CHECKPOINT_BUSY', `another program keeps the checkpoint ${path} busy (${cause}).`, [`End it, ${AGAIN}.`], error);
}

export function changedCheckpoint(path: string): UserError {
  return storageError(
    'CHECKPOINT_CHANGED',
    `a run has begun on the checkpoint ${path} while it was being read, so the reading ended there.`,
    ['Run the same command again.'],
  );
}

export function isChanged(error: unknown): boolean {
  return error instanceof UserError && error.code === 'CHECKPOINT_CHANGED';
}

export function damagedCheckpoint(path: string, what: string): UserError {
  return storageError('CHECKPOINT_DAMAGED', `the checkpoint ${path} is damaged (${what}); nothing in it was changed.`, [
    'Restore it from a copy, or start again with another --checkpoint; what was deleted will then count as absent.',
  ]);
}

export function notACheckpoint(path: string, why: string): UserError {
  return storageError('NOT_A_CHECKPOINT', `${path} is not a checkpoint of images-purge: ${why}. It was not touched.`, [
    'Give another file with --checkpoint.',
  ]);
}

function isDiskFull(path: string): boolean {
  try {
    return statfsSync(dirname(path)).bavail === 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
