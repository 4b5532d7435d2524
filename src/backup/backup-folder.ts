import { mkdir, open, readdir, readFile, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { UserError } from '../domain/errors.ts';
import { newPathOf } from '../domain/new-file.ts';
import { notABackup, otherAccountsBackup, unreadableBackup, unwritableBackup } from './backup-errors.ts';
import { ImageFile, writeWhole } from './image-file.ts';
import {
  BACKUP_FORMAT,
  BACKUP_VERSION,
  type BackupEntry,
  type BackupHeader,
  entryLine,
  headerPath,
  imageFile,
  manifestPath,
  partialFolder,
} from './layout.ts';
import { DurableLines } from './durable-lines.ts';

export interface BackupOf {
  /** Absolute. */
  readonly folder: string;
  /** The purge's own ID. */
  readonly job: string;
  readonly accountId: string;
  readonly baseUrl: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** What the root of a file system of its own may hold. */
const NOT_OURS_BUT_HARMLESS = ['lost+found'];

/** A folder that one purge saves images to; other purges of the account may do so at the same time. */
export class BackupFolder {
  readonly #of: BackupOf;
  readonly #manifest: DurableLines;
  /** Folders below `images/` that are durable. */
  readonly #imageFolders = new Map<string, Promise<void>>();
  #fileCount = 0;

  /** @throws `UserError`: exit 2 where it is somebody else's folder, 7 where it is another account's backup, 5 */
  static async open(of: BackupOf): Promise<BackupFolder> {
    const { folder, job } = of;
    return orUnwritable(folder, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if ((await readHeader(of.folder)) === undefined) await writeHeader(of);
      await refuseOther(of);
      for (const path of [partialFolder(folder), join(folder, 'images')]) await mkdir(path, { recursive: true, mode: 0o700 });
      for (const name of await readdir(partialFolder(folder))) if (name.startsWith(`${job}-`)) await rm(join(partialFolder(folder), name));
      const manifest = await DurableLines.open(manifestPath(folder, job));
      await syncFolder(folder);
      await syncFolder(dirname(folder));
      return new BackupFolder(of, manifest);
    });
  }

  private constructor(of: BackupOf, manifest: DurableLines) {
    this.#of = of;
    this.#manifest = manifest;
  }

  get folder(): string {
    return this.#of.folder;
  }

  /** A new file for the bytes of one image: either {@link keep} or `discard` ends it. */
  newImage(): Promise<ImageFile> {
    const { folder, job } = this.#of;
    return orUnwritable(folder, () => ImageFile.create(join(partialFolder(folder), `${job}-${++this.#fileCount}`)));
  }

  /** Resolves when the image is whole on disk and in the manifest, and would be after a power loss. */
  keep(image: ImageFile, about: Omit<BackupEntry, 'file' | 'sha256' | 'bytes'>): Promise<void> {
    const { folder } = this.#of;
    return orUnwritable(folder, async () => {
      const { sha256, bytes } = await image.finish();
      const file = imageFile(sha256);
      const path = join(folder, file);
      await this.#makeFolder(dirname(path));
      await rename(image.path, path);
      await syncFolder(dirname(path));
      const { id, savedAt, ...more } = about;
      await this.#manifest.append(entryLine({ id, savedAt, file, sha256, bytes, ...more }));
    });
  }

  /** What a failure to write an image means. */
  orUnwritable<T>(work: () => Promise<T>): Promise<T> {
    return orUnwritable(this.#of.folder, work);
  }

  close(): Promise<void> {
    return orUnwritable(this.#of.folder, () => this.#manifest.close());
  }

  #makeFolder(path: string): Promise<void> {
    const made =
      this.#imageFolders.get(path) ??
      (async () => {
        await mkdir(path, { recursive: true, mode: 0o700 });
        await syncFolder(dirname(path));
      })();
    this.#imageFolders.set(path, made);
    return made;
  }
}

/** Bytes that may still be written there. */
export function freeBytes(folder: string): Promise<number> {
  return orUnwritable(folder, async () => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  });
}

/** `undefined` where there is none. */
export async function readHeader(folder: string): Promise<BackupHeader | undefined> {
  let text: string;
  try {
    text = await readFile(headerPath(folder), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
    throw unreadableBackup(folder, error);
  }
  const header = parseHeader(text);
  if (header === undefined) throw notABackup(folder, 'its backup.json is not one of ours.');
  if (header.version !== BACKUP_VERSION)
    throw notABackup(folder, `it is of version ${header.version}, and this is the program for version ${BACKUP_VERSION}.`);
  return header;
}

function parseHeader(text: string): BackupHeader | undefined {
  try {
    const header = JSON.parse(text) as Partial<BackupHeader> | null;
    const isWhole = header?.format === BACKUP_FORMAT && typeof header.accountId === 'string' && typeof header.baseUrl === 'string';
    return isWhole ? (header as BackupHeader) : undefined;
  } catch {
    return undefined; // No JSON: not ours.
  }
}

async function refuseOther({ folder, accountId, baseUrl }: BackupOf): Promise<void> {
  const header = await readHeader(folder);
  // The API does not tell capitals from small letters in account IDs.
  const isSame = header?.accountId.toLowerCase() === accountId.toLowerCase() && header.baseUrl === baseUrl;
  if (!isSame) throw otherAccountsBackup(folder, header?.accountId ?? 'unknown', header?.baseUrl ?? 'unknown');
}

async function writeHeader({ folder, accountId, baseUrl, nowMs }: BackupOf): Promise<void> {
  const path = headerPath(folder);
  const ours = ['partial', 'images', 'backup.json'];
  const others = (await readdir(folder)).filter(
    (name) => !NOT_OURS_BUT_HARMLESS.includes(name) && !ours.some((own) => name.startsWith(own)),
  );
  if (others.length > 0) throw notABackup(folder, `it has no backup.json and holds other files (${others.slice(0, 3).join(', ')}).`);
  const createdAt = new Date(nowMs).toISOString();
  const header: BackupHeader = { format: BACKUP_FORMAT, version: BACKUP_VERSION, accountId, baseUrl, createdAt };
  const handle = await open(newPathOf(path), 'w', 0o600);
  try {
    await writeWhole(handle, Buffer.from(`${JSON.stringify(header)}\n`));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(newPathOf(path), path);
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function orUnwritable<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof UserError ? error : unwritableBackup(folder, error);
  }
}
