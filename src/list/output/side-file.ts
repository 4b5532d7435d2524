/**
 * The file beside an unfinished list: what was asked, how far it is, and how much of the rows is good. It is replaced after each page,
 * once the rows of that page are safe, so that a kill or a power loss at any step leaves a pair that belongs together.
 *
 * @module
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';

import type { ListState } from './list-output.ts';

export interface SideFile {
  readonly format: 'images-purge list 1';
  /** What the list was asked for, as JSON. */
  readonly asked: string;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly savedMs: number;
  /** The rows: so many bytes of their file, and the SHA-256 of these. */
  readonly bytes: number;
  readonly sha256: string;
  readonly state: ListState;
}

export const SIDE_FORMAT = 'images-purge list 1';

/** `undefined` where there is none that can be used: the list then begins again. */
export function readSideFile(path: string): SideFile | undefined {
  try {
    const side = JSON.parse(readFileSync(path, 'utf8')) as Partial<SideFile> | null;
    return side?.format === SIDE_FORMAT && isWhole(side) ? side : undefined;
  } catch {
    return undefined; // There is none, or nothing of ours: it is written again.
  }
}

function isWhole(side: Partial<SideFile>): side is SideFile {
  const { asked, startedMs, savedMs, bytes, sha256, state } = side;
  return (
    [asked, sha256].every((text) => typeof text === 'string') &&
    [startedMs, savedMs, bytes].every((count) => Number.isSafeInteger(count)) &&
    typeof state === 'object' &&
    typeof state.counts === 'object'
  );
}

export function writeSideFile(path: string, side: SideFile): void {
  const newPath = `${path}.new`;
  rmSync(newPath, { force: true });
  const fd = openSync(newPath, 'wx', 0o600);
  try {
    writeWhole(fd, Buffer.from(JSON.stringify(side)));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(newPath, path);
}

export function removeSideFile(path: string): void {
  rmSync(path, { force: true });
  rmSync(`${path}.new`, { force: true });
}

/** A write may be short: to a disk that is nearly full, for one. */
export function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written, bytes.length - written, null);
}
