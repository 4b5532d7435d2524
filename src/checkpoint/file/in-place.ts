import { statSync } from 'node:fs';

import { storageError, type UserError } from '../../domain/errors.ts';
import { shellPath } from '../../text/shell-word.ts';
import type { CheckpointLock } from './lock.ts';

/**
 * Tells whether the checkpoint that a run works with, and its lock, are still where the run found them. Files that were removed can
 * still be written, to no one's use; without its lock a second run could send the same IDs.
 *
 * @returns looks again at each call; `undefined` as long as all is well
 */
export function watchPlace(path: string, lock: CheckpointLock): () => UserError | undefined {
  const inode = inodeOf(path);
  return () => {
    if (inodeOf(path) !== inode) return checkpointGone(path);
    return lock.isInPlace() ? undefined : lockGone(path);
  };
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

function checkpointGone(path: string): UserError {
  return storageError(
    'CHECKPOINT_GONE',
    `the checkpoint ${path} is not in its place any more: it, or its folder, was removed, renamed or replaced while the run worked.`,
    [
      'If it was renamed, put it back with the files beside it and run the same command: every answer is in it.',
      'If it was removed, what was deleted is on no record. Run the list again with --expect-absent: a part of it is gone already.',
    ],
  );
}

function lockGone(path: string): UserError {
  return storageError(
    'LOCK_GONE',
    `the lock file ${path}.lock was removed or replaced while the run worked, so that a second run could have begun on the checkpoint.`,
    [
      'Every answer so far is in the checkpoint. Where no other run works on it, run the same command.',
      `See whether one does:  images-purge status ${shellPath(path)}`,
    ],
  );
}
