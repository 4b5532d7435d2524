import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';

import { storageError, usageError, UserError } from '../domain/errors.ts';

/** A file that appears under its name only when it is complete. */
export interface OutputFile {
  write(text: string): Promise<void>;
  /** Whether no part of it is visible yet, so that it can be discarded and written again. */
  canBeginAgain(): boolean;
  complete(): Promise<void>;
  /** Removes what was written if `complete` was never called. */
  discardIfIncomplete(): Promise<void>;
}

/** What becomes of a file that is there already and is not empty: with `option`, which named it, it is refused (exit 2). */
export type IfThere = 'overwrite' | { readonly option: string };

/** @param path - a pipe or a device is written to directly: it must not be replaced by a file */
export function createOutputFile(path: string, ifThere: IfThere): Promise<OutputFile> {
  return orUnwritable(path, async () => {
    await refuseIfThere(path, ifThere);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && !found.isFile() && !found.isDirectory()) return openStream(path);
    return createFile(path, found === undefined ? path : await realpath(path), ifThere);
  });
}

/** A mistyped path must not destroy a list: a file that holds something is written over only where that is asked for. */
export async function refuseIfThere(path: string, ifThere: IfThere): Promise<void> {
  if (ifThere === 'overwrite') return;
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size === 0) return;
  throw usageError(
    'OUTPUT_EXISTS',
    `${path} exists already and is not empty; it was not touched.`,
    `Give another file with ${ifThere.option}, or write over this one with --force.`,
  );
}

async function createFile(path: string, targetPath: string, ifThere: IfThere): Promise<OutputFile> {
  const partialPath = `${targetPath}.partial-${randomUUID().slice(0, 8)}`;
  const handle = await open(partialPath, 'wx', 0o600);
  let isClosed = false;
  let isComplete = false;
  return {
    write: (text) => orUnwritable(path, async () => handle.appendFile(text)),
    canBeginAgain: () => !isComplete,
    complete: () =>
      orUnwritable(path, async () => {
        await handle.sync();
        await handle.close();
        isClosed = true;
        // Writing may have taken long.
        await refuseIfThere(targetPath, ifThere);
        await rename(partialPath, targetPath);
        isComplete = true;
      }),
    async discardIfIncomplete() {
      if (isComplete) return;
      if (!isClosed) await handle.close();
      await rm(partialPath, { force: true });
    },
  };
}

async function openStream(path: string): Promise<OutputFile> {
  const handle = await open(path, 'w');
  return {
    write: (text) => orUnwritable(path, async () => handle.appendFile(text)),
    canBeginAgain: () => false,
    complete: () => orUnwritable(path, () => handle.close()),
    discardIfIncomplete: () => handle.close(),
  };
}

/** Does what writes to an output. */
export async function orUnwritable<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unwritableOutput(path, error);
  }
}

/** An error of the operating system, as a person is told it; a `UserError` as it is. */
export function unwritableOutput(path: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const cause = error instanceof Error ? error.message : String(error);
  return storageError(
    'OUTPUT_UNWRITABLE',
    `${path} cannot be written (${cause}).`,
    ['Check the folder, its space and that you may write there, then run the same command.'],
    error,
  );
}
