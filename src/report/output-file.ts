import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';

import { storageError } from '../domain/errors.ts';

/** A file that appears under its name only when it is complete. */
export interface OutputFile {
  write(text: string): Promise<void>;
  /** Whether no part of it is visible yet, so that it can be discarded and written again. */
  canBeginAgain(): boolean;
  complete(): Promise<void>;
  /** Removes what was written if `complete` was never called. */
  discardIfIncomplete(): Promise<void>;
}

/** @param path - a pipe or a device is written to directly: it must not be replaced by a file */
export function createOutputFile(path: string): Promise<OutputFile> {
  return orUnwritable(path, async () => {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && !found.isFile() && !found.isDirectory()) return openStream(path);
    return createFile(path, found === undefined ? path : await realpath(path));
  });
}

async function createFile(path: string, targetPath: string): Promise<OutputFile> {
  const partialPath = `${targetPath}.partial-${randomUUID().slice(0, 8)}`;
  const handle = await open(partialPath, 'wx', 0o600);
  let isComplete = false;
  return {
    write: (text) => orUnwritable(path, async () => handle.appendFile(text)),
    canBeginAgain: () => !isComplete,
    complete: () =>
      orUnwritable(path, async () => {
        await handle.sync();
        await handle.close();
        await rename(partialPath, targetPath);
        isComplete = true;
      }),
    async discardIfIncomplete() {
      if (isComplete) return;
      await handle.close();
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

async function orUnwritable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw storageError(
      'OUTPUT_UNWRITABLE',
      `${path} cannot be written (${cause}).`,
      ['Check the folder, its space and that you may write there, then run the same command.'],
      error,
    );
  }
}
