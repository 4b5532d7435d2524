import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { unreadableBackup } from './backup-errors.ts';
import { type BackupEntry, isManifest, parseEntry } from './layout.ts';

/** An entry, and where it stands: of two with one ID that were saved at the same time the later one counts. */
export interface PlacedEntry {
  readonly entry: BackupEntry;
  readonly order: number;
}

/** All entries of all manifests, line by line. @param onBroken - is told of a line that is none, as a kill may leave one */
export async function* readEntries(folder: string, onBroken: (manifest: string) => void = () => undefined): AsyncGenerator<PlacedEntry> {
  try {
    let order = 0;
    for (const name of (await readdir(folder)).filter(isManifest).toSorted()) {
      const file = await open(join(folder, name));
      for await (const line of file.readLines()) {
        order++;
        const entry = line === '' ? undefined : parseEntry(line);
        if (entry !== undefined) yield { entry, order };
        else if (line !== '') onBroken(name);
      }
    }
  } catch (error) {
    throw unreadableBackup(folder, error);
  }
}

/** Which entry of each ID is the latest. Holds every ID in memory: about 150 bytes for one. */
export class LatestEntries {
  readonly #latest = new Map<string, { readonly savedAt: string; readonly order: number }>();

  get size(): number {
    return this.#latest.size;
  }

  add({ entry: { id, savedAt }, order }: PlacedEntry): void {
    const known = this.#latest.get(id);
    if (known === undefined || known.savedAt <= savedAt) this.#latest.set(id, { savedAt, order });
  }

  isLatest({ entry: { id }, order }: PlacedEntry): boolean {
    return this.#latest.get(id)?.order === order;
  }

  ids(): IterableIterator<string> {
    return this.#latest.keys();
  }
}

/** What is wrong with the saved bytes of an image; `undefined`: they are as they were saved. */
export async function whyNotWhole(folder: string, { file, sha256, bytes }: BackupEntry): Promise<string | undefined> {
  const hash = createHash('sha256');
  let readBytes = 0;
  try {
    for await (const chunk of createReadStream(join(folder, file))) {
      hash.update(chunk as Buffer);
      readBytes += (chunk as Buffer).length;
    }
  } catch (error) {
    return `it cannot be read (${error instanceof Error ? error.message : String(error)})`;
  }
  if (readBytes !== bytes) return `it has ${readBytes} bytes and not ${bytes}`;
  return hash.digest('hex') === sha256 ? undefined : 'its hash is another';
}
