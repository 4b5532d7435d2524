import { createHash, type Hash } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

import { storageError, type UserError } from '../domain/errors.ts';
import { newPathOf } from '../domain/new-file.ts';

/** How much of a report is known to be what was written. */
export interface WrittenState {
  readonly offsetBytes: number;
  readonly sha256: Uint8Array;
}

export type OpenedReport =
  | { readonly kind: 'opened'; readonly file: ReportFile }
  | { readonly kind: 'rewrite-needed'; readonly why: 'missing' | 'shorter' | 'changed' };

const CHUNK_BYTES = 1024 * 1024;
const LINES_CHARACTERS = 256 * 1024;

/** Whether anything other than an empty file lies there. Throws if no file can be created. Nothing is opened or created. */
export function isForeignReport(path: string): boolean {
  const found = orUnwritable(path, () => {
    accessSync(dirname(path), constants.W_OK);
    return lstatSync(path, { throwIfNoEntry: false });
  });
  return found !== undefined && (!found.isFile() || found.size > 0);
}

/** Whether the file begins with what was written, whatever comes after it. */
export function isBeginningAsWritten(path: string, { offsetBytes, sha256 }: WrittenState): boolean {
  const fd = openSync(path, 'r');
  try {
    return isHashOf(hashBeginning(fd, offsetBytes), sha256);
  } finally {
    closeSync(fd);
  }
}

/** Whether the file is there and holds what was written and nothing else. */
export function isAsWritten(path: string, state: WrittenState & { readonly mustRewrite: boolean }): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && !state.mustRewrite && found.size === state.offsetBytes && isBeginningAsWritten(path, state);
}

/**
 * Opens a report for appending.
 *
 * @param expected - what was written earlier; what lies beyond (half a line after a crash) is cut off
 */
export function openReportFile(path: string, expected: WrittenState): OpenedReport {
  return orUnwritable(path, () => openKnown(path, expected));
}

/** Writes a whole report beside `path`, renames it into place and leaves it open for appending. */
export function rewriteReportFile(path: string, lines: Iterable<string>): ReportFile {
  const newPath = newPathOf(path);
  return orUnwritable(path, () => {
    // Left by a crash, or put there: it might be a link to elsewhere, or readable by everyone.
    rmSync(newPath, { force: true });
    const file = new ReportFile(path, openSync(newPath, 'wx+', 0o600), createHash('sha256'), 0);
    try {
      let chunk = '';
      for (const line of lines) {
        chunk += line;
        if (chunk.length < LINES_CHARACTERS) continue;
        file.append(chunk);
        chunk = '';
      }
      file.append(chunk);
      file.sync();
      renameSync(newPath, path);
      syncFolder(path);
    } catch (error) {
      file.close();
      rmSync(newPath, { force: true });
      throw error;
    }
    return file;
  });
}

/** A report that is open for appending, with the hash of its whole content. */
export class ReportFile {
  readonly path: string;
  readonly #fd: number;
  readonly #hash: Hash;
  #offsetBytes: number;
  /** Another program made it longer or shorter, which the next append may hide. */
  #wasTouched = false;
  #isClosed = false;

  constructor(path: string, fd: number, hash: Hash, offsetBytes: number) {
    this.path = path;
    this.#fd = fd;
    this.#hash = hash;
    this.#offsetBytes = offsetBytes;
  }

  append(text: string): void {
    if (text === '') return;
    orUnwritable(this.path, () => {
      this.#wasTouched ||= fstatSync(this.#fd).size !== this.#offsetBytes;
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length;)
        written += writeSync(this.#fd, bytes, written, bytes.length - written, this.#offsetBytes + written);
      this.#hash.update(bytes);
      this.#offsetBytes += bytes.length;
    });
  }

  state(): WrittenState {
    return { offsetBytes: this.#offsetBytes, sha256: this.#hash.copy().digest() };
  }

  /** Whether the file under its name is still this one, and no other program has cut it or added to it. */
  isInPlace(): boolean {
    return orUnwritable(this.path, () => {
      const ours = fstatSync(this.#fd, { bigint: true });
      const found = lstatSync(this.path, { bigint: true, throwIfNoEntry: false });
      return !this.#wasTouched && found?.ino === ours.ino && found.dev === ours.dev && ours.size === BigInt(this.#offsetBytes);
    });
  }

  /** Whether it still holds what was written; reads all of it. */
  isUnchanged(): boolean {
    return orUnwritable(this.path, () => isHashOf(hashBeginning(this.#fd, this.#offsetBytes), this.#hash.copy().digest()));
  }

  sync(): void {
    orUnwritable(this.path, () => fsyncSync(this.#fd));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#fd);
  }
}

function openKnown(path: string, expected: WrittenState): OpenedReport {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return { kind: 'rewrite-needed', why: 'missing' };
  const fd = openSync(path, constants.O_RDWR);
  try {
    if (fstatSync(fd).size < expected.offsetBytes) return closing(fd, 'shorter');
    const hash = hashBeginning(fd, expected.offsetBytes);
    if (hash === undefined || !isHashOf(hash, expected.sha256)) return closing(fd, 'changed');
    ftruncateSync(fd, expected.offsetBytes);
    return { kind: 'opened', file: new ReportFile(path, fd, hash, expected.offsetBytes) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function closing(fd: number, why: 'shorter' | 'changed'): OpenedReport {
  closeSync(fd);
  return { kind: 'rewrite-needed', why };
}

function hashBeginning(fd: number, lengthBytes: number): Hash | undefined {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let position = 0; position < lengthBytes;) {
    const read = readSync(fd, chunk, 0, Math.min(CHUNK_BYTES, lengthBytes - position), position);
    if (read === 0) return undefined;
    hash.update(chunk.subarray(0, read));
    position += read;
  }
  return hash;
}

function isHashOf(hash: Hash | undefined, sha256: Uint8Array): boolean {
  return hash !== undefined && Buffer.compare(hash.copy().digest(), sha256) === 0;
}

function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function orUnwritable<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? unwritable(path, error) : error;
  }
}

function unwritable(path: string, cause: Error): UserError {
  return storageError(
    'REPORT_UNWRITABLE',
    `the report ${path} cannot be written (${cause.message}).`,
    ['Every answer so far is in the checkpoint. Fix this (free space, permissions), then run the same command: the report catches up.'],
    cause,
  );
}
