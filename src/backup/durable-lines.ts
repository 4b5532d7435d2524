import { type FileHandle, open } from 'node:fs/promises';

import { writeWhole } from './image-file.ts';

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Appends lines and makes them durable, all that wait at once with one fsync. */
export class DurableLines {
  readonly #handle: FileHandle;
  readonly #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  /** Once a write or an fsync has failed, nobody knows what of the file is durable. */
  #failure: { readonly error: unknown } | undefined;

  static async open(path: string): Promise<DurableLines> {
    const handle = await open(path, 'a+', 0o600);
    try {
      const { size } = await handle.stat();
      const last = Buffer.alloc(1);
      if (size > 0) await handle.read(last, 0, 1, size - 1);
      // A kill has left half a line: the next one begins on its own.
      if (size > 0 && last.toString() !== '\n') await writeWhole(handle, Buffer.from('\n'));
      return new DurableLines(handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Resolves when the line would survive a power loss. */
  append(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#handle.close();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0);
      const failure = (this.#failure ??= await this.#write(group.map(({ line }) => line).join('')));
      for (const { resolve, reject } of group) {
        if (failure === undefined) resolve();
        else reject(failure.error);
      }
    }
    this.#writing = undefined;
  }

  async #write(lines: string): Promise<{ readonly error: unknown } | undefined> {
    try {
      await writeWhole(this.#handle, Buffer.from(lines));
      await this.#handle.sync();
      return undefined;
    } catch (error) {
      return { error };
    }
  }
}
