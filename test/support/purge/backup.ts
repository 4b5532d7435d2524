/** Reads a backup as docs/backup.md describes it, without the product's own code. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { originalOf } from '../../../src/simulator/images/original.ts';

export interface SavedImage {
  readonly id: string;
  readonly savedAt: string;
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly contentType: string | null;
  readonly image: Readonly<Record<string, unknown>>;
}

/** Every image that is whole in the folder, the latest of several with one ID. */
export function readBackup(folder: string): Map<string, SavedImage> {
  const saved = new Map<string, SavedImage>();
  if (!existsSync(folder)) return saved;
  const lines = readdirSync(folder)
    .filter((name) => /^manifest-.*\.ndjson$/.test(name))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1))
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as SavedImage];
      } catch {
        return []; // Cut off by a kill.
      }
    })
    .toSorted((a, b) => (a.savedAt < b.savedAt ? -1 : a.savedAt > b.savedAt ? 1 : 0));
  for (const entry of lines) {
    if (existsSync(join(folder, entry.file)) && sha256Of(savedBytes(folder, entry)) === entry.sha256) saved.set(entry.id, entry);
    else saved.delete(entry.id);
  }
  return saved;
}

export function savedBytes(folder: string, { file }: SavedImage): Uint8Array {
  return readFileSync(join(folder, file));
}

/** What is wrong with a backup of images that are as the simulator makes them up: each of these must be whole in it. */
export function backupProblems(folder: string, ids: Iterable<string>): string[] {
  const saved = readBackup(folder);
  return [...ids].flatMap((id) => {
    const entry = saved.get(id);
    if (entry === undefined) return [`${id} was deleted and is not whole in the backup`];
    const isSame = Buffer.compare(savedBytes(folder, entry), originalOf({ id })) === 0 && entry.image['id'] === id;
    return isSame ? [] : [`${id} is another image in the backup`];
  });
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
