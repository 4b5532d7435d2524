import { lstatSync, readlinkSync, realpathSync, statfsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { storageError } from '../../domain/errors.ts';

/** `statfs` types, from Linux' magic.h. SQLite's locks and shared memory do not hold over a network. */
const NETWORK_TYPES = new Map<number, string>([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'SMB (cifs)'],
  [0xfe534d42, 'SMB2'],
]);
const DOUBTFUL_TYPES = new Map<number, string>([
  [0x65735546, 'FUSE'],
  [0x01021997, '9p'],
]);

/**
 * The file behind a path that may be a symbolic link, so that two names of one checkpoint share one lock. The link's target
 * may not exist: the checkpoint is not made yet, or a run was killed while it set the old one aside.
 */
export function resolveCheckpointPath(path: string): string {
  try {
    return followed(path);
  } catch (error) {
    throw unreachable(path, error);
  }
}

function followed(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const folder = realpathSync(dirname(path));
  const beside = join(folder, basename(path));
  const isLink = lstatSync(beside, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink ? followed(resolve(folder, readlinkSync(beside))) : beside;
}

/** Refuses network file systems, and names those that may or may not keep their promises. */
export function checkFileSystem(path: string, allowNetwork: boolean): string | undefined {
  const type = statfsSync(dirname(path)).type >>> 0;
  const network = NETWORK_TYPES.get(type);
  if (network !== undefined && !allowNetwork) {
    throw storageError(
      'CHECKPOINT_ON_NETWORK',
      `the checkpoint ${path} lies on ${network}; its locks and its durability cannot be trusted there.`,
      ['Put it on a local disk or block volume with --checkpoint, or insist with --allow-network-checkpoint.'],
    );
  }
  const name = network ?? DOUBTFUL_TYPES.get(type);
  return name === undefined
    ? undefined
    : `the checkpoint ${path} lies on ${name}: what is committed there may not survive a crash of the host`;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function unreachable(path: string, error: unknown): unknown {
  const cause = error instanceof Error ? error.message : String(error);
  return storageError(
    'CHECKPOINT_CANNOT_OPEN',
    `the folder of the checkpoint ${path} cannot be reached (${cause}).`,
    ['Check that it exists and that you may write there, or give another --checkpoint.'],
    error,
  );
}
