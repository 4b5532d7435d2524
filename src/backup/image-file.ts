import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';

/** So much of an image may wait for the disk; while there is more, the connection stands still. */
const QUEUED_BYTES_MAX = 256 * 1024;

export interface WrittenImage {
  readonly sha256: string;
  readonly bytes: number;
}

/** The bytes of one image on their way to the disk, hashed as they pass. */
export class ImageFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0;
  #queuedBytes = 0;
  /** Rejects from the first write that fails on, so that nothing is written after it. */
  #written: Promise<void> = Promise.resolve();

  static async create(path: string): Promise<ImageFile> {
    return new ImageFile(path, await open(path, 'wx', 0o600));
  }

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** See `BodySink`. */
  write(chunk: Uint8Array): Promise<void> | undefined {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    this.#queuedBytes += chunk.length;
    const written = this.#append(chunk, this.#written);
    // `written` and `finish` tell of a failure.
    written.catch(() => undefined);
    this.#written = written;
    return this.#queuedBytes > QUEUED_BYTES_MAX ? written : undefined;
  }

  async #append(chunk: Uint8Array, before: Promise<void>): Promise<void> {
    await before;
    await writeWhole(this.#handle, chunk);
    this.#queuedBytes -= chunk.length;
  }

  /** Resolves when everything is written; rejects where something could not be. */
  written(): Promise<void> {
    return this.#written;
  }

  /** Makes it durable. */
  async finish(): Promise<WrittenImage> {
    try {
      await this.#written;
      await this.#handle.sync();
    } finally {
      await this.#handle.close();
    }
    return { sha256: this.#hash.digest('hex'), bytes: this.#bytes };
  }

  /** Removes it, in whatever state it is. */
  async discard(): Promise<void> {
    await this.#written.catch(() => undefined); // Known, or of no importance any more.
    await this.#handle.close();
    await rm(this.path, { force: true });
  }
}

/** A write may be short: to a disk that is nearly full, for one. */
export async function writeWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, offset, bytes.length - offset);
    offset += bytesWritten;
  }
}
