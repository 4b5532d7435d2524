import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

import { storageError } from '../domain/errors.ts';

/** A file that appears under its name only when it is complete. */
export interface OutputFile {
  write(text: string): Promise<void>;
  complete(): Promise<void>;
  /** Removes what was written where `complete` was never reached. */
  discardIfIncomplete(): Promise<void>;
}

export async function createOutputFile(path: string): Promise<OutputFile> {
  const partialPath = `${path}.partial-${randomUUID().slice(0, 8)}`;
  const handle = await orUnwritable(path, () => open(partialPath, 'w', 0o600));
  let isComplete = false;
  return {
    write: (text) => orUnwritable(path, async () => handle.appendFile(text)),
    complete: () =>
      orUnwritable(path, async () => {
        await handle.sync();
        await handle.close();
        await rename(partialPath, path);
        isComplete = true;
      }),
    async discardIfIncomplete() {
      if (isComplete) return;
      await handle.close();
      await rm(partialPath, { force: true });
    },
  };
}

async function orUnwritable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw storageError('OUTPUT_UNWRITABLE', `${path} cannot be written (${cause}).`, ['Check the folder, its space and that you may write there, then run the same command.'], error);
  }
}
