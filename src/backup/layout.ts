/**
 * What lies where in a backup, and what is written there. docs/backup.md tells the same to people and to other tools: a change here is a
 * new version there.
 *
 * @module
 */
import { join } from 'node:path';

export const BACKUP_FORMAT = 'images-purge backup';
export const BACKUP_VERSION = 1;

/** Says whose images they are; written before anything else. */
export interface BackupHeader {
  readonly format: typeof BACKUP_FORMAT;
  readonly version: number;
  readonly accountId: string;
  /** The API's root. */
  readonly baseUrl: string;
  /** RFC 3339, in UTC. */
  readonly createdAt: string;
}

/** A line of a manifest: one image as it was just before it was deleted. */
export interface BackupEntry {
  readonly id: string;
  /** RFC 3339, in UTC. Of several lines with one ID the latest tells how the image was last. */
  readonly savedAt: string;
  /** Relative to the folder, with `/`. */
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  /** As the API told it with the bytes; `null` where it did not. */
  readonly contentType: string | null;
  /** What `GET images/v1/{id}` told: `filename`, `uploaded`, `creator`, `meta`, `requireSignedURLs`, `variants` and whatever else. */
  readonly image: Readonly<Record<string, unknown>>;
}

const MANIFEST = /^manifest-.+\.ndjson$/;

export function headerPath(folder: string): string {
  return join(folder, 'backup.json');
}

/** One for each purge, so that several may write to one folder. @param job - the purge's own ID */
export function manifestPath(folder: string, job: string): string {
  return join(folder, `manifest-${job}.ndjson`);
}

export function isManifest(fileName: string): boolean {
  return MANIFEST.test(fileName);
}

/**
 * Named by its content: safe for every ID on every file system, the same picture is kept once, and one that is uploaded again under its
 * ID takes no other's place.
 */
export function imageFile(sha256: string): string {
  return `images/${sha256.slice(0, 2)}/${sha256}`;
}

/** What is still being written; what lies there when no purge works is of no use. */
export function partialFolder(folder: string): string {
  return join(folder, 'partial');
}

export function entryLine(entry: BackupEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

const SHA_256 = /^[0-9a-f]{64}$/;

/** `undefined`: a line that was cut off by a kill, or is none of ours. Its image was not deleted. */
export function parseEntry(line: string): BackupEntry | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined; // The reader of the lines tells of it.
  }
  const { id, savedAt, file, sha256, bytes, image } = (parsed ?? {}) as Partial<BackupEntry>;
  const isWhole =
    [id, savedAt].every((text) => typeof text === 'string') &&
    typeof sha256 === 'string' &&
    SHA_256.test(sha256) &&
    // No line may lead out of the folder.
    file === imageFile(sha256) &&
    Number.isSafeInteger(bytes) &&
    typeof image === 'object' &&
    image !== null;
  return isWhole ? (parsed as BackupEntry) : undefined;
}
