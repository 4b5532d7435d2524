import { createHash } from 'node:crypto';
import { constants, createReadStream, fstatSync, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { platform } from 'node:os';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

import { UserError } from '../domain/errors.ts';
import { changedSource, unreadableSource } from './broken.ts';
import type { SourceDigest } from './source.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

/** A source's bytes, decompressed; the hash is of the bytes as stored. */
export interface ByteSource {
  readonly compression: Compression;
  readonly chunks: AsyncIterator<Buffer>;
  digest(): SourceDigest;
  close(): Promise<void>;
}

// The texts of a larger piece would outlive the young generation: some 20 MB more of memory.
const READ_BYTES = 64 * 1024;
const MAGIC: readonly (readonly [Compression, Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
];
const MAGIC_BYTES = 4;

/** A file that is read from its beginning. */
export interface FileBytes {
  /** Destroyed by who reads it, at its end too. */
  readonly stream: Readable;
  /** Throws a `UserError` (exit 5) where the file has changed since it was opened; asked at its end. */
  refuseChanged(): void;
}

export function openFile(path: string): FileBytes {
  try {
    const found = statSync(path);
    if (found.isDirectory()) throw new Error('it is a folder');
    if (found.isFile()) return openRegularFile(path);
    const stream = found.isFIFO() && platform() === 'linux' ? openNamedPipe(path) : createReadStream(path, { highWaterMark: READ_BYTES });
    return { stream, refuseChanged: () => undefined };
  } catch (error) {
    throw unreadableSource(path, error);
  }
}

/** What another program still writes would be read by half, and its other half be forgotten. */
function openRegularFile(path: string): FileBytes {
  const fd = openSync(path, 'r');
  const before = fstatSync(fd, { bigint: true });
  // No further than its end was: what grows as fast as it is read would never end. Files of /proc have a size of 0, and contents.
  const end = before.size === 0n ? Infinity : Number(before.size) - 1;
  const stream = createReadStream(path, { fd, end, autoClose: false, highWaterMark: READ_BYTES });
  return {
    stream,
    refuseChanged() {
      // Where reading was ended early, the number may be another file's by now.
      if (stream.destroyed) return;
      const now = fstatSync(fd, { bigint: true });
      if (now.size !== before.size || now.mtimeNs !== before.mtimeNs) throw changedSource(path, before.size, now.size);
    },
  };
}

/**
 * A pipe without a writer, opened and read as a file, would block a thread that nothing can wake: the process could not
 * end. Linux ends such a pipe only after a writer has come and gone; other systems would take it for an empty one.
 */
function openNamedPipe(path: string): Readable {
  return new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });
}

/** A pipe's end cannot be told from a failed upstream, and what was read from it is gone. `false` where there is nothing at all. */
export function isPipeLike(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === false;
  } catch (error) {
    throw unreadableSource(path, error);
  }
}

/** Looks at the first bytes for compression; the stream is read once and never sought, so it may be a pipe. */
export async function openBytes(
  { stream, refuseChanged }: { readonly stream: NodeJS.ReadableStream; readonly refuseChanged: () => void },
  name: string,
  halt: AbortSignal,
): Promise<ByteSource> {
  destroyOnAbort(stream, halt);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const raw = hashed(stream[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>);
  const head = await readHead(raw).catch((error: unknown) => {
    destroy(stream);
    throw error instanceof UserError ? error : unreadableSource(name, error);
  });
  const compression = MAGIC.find(([, magic]) => head.subarray(0, magic.length).equals(magic))?.[0] ?? 'none';
  const whole = prefixed(head, raw);
  const chunks = compression === 'none' ? whole : decompressed(whole, compression);
  return {
    compression,
    chunks,
    digest: () => ({ sizeBytes, sha256: hash.copy().digest() }),
    async close() {
      // First the stream: returning would wait for a read of it.
      destroy(stream);
      await chunks.return?.(undefined);
    },
  };

  async function* hashed(source: AsyncIterator<Buffer | string>): AsyncGenerator<Buffer> {
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      const chunk = typeof next.value === 'string' ? Buffer.from(next.value) : next.value;
      hash.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
    }
    refuseChanged();
  }
}

export function destroyOnAbort(stream: NodeJS.ReadableStream, signal: AbortSignal): void {
  const onAbort = (): void => destroy(stream);
  if (signal.aborted) return onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  stream.once('close', () => signal.removeEventListener('abort', onAbort));
}

/** A read that waits for a silent pipe ends only with its stream, and until then keeps the process alive. */
function destroy(stream: NodeJS.ReadableStream): void {
  if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
}

async function readHead(raw: AsyncGenerator<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < MAGIC_BYTES) {
    const next = await raw.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

async function* prefixed(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* rest;
}

/**
 * Unpacks every member of a source. zlib takes a zero after one for padding and passes over all that follows, and Node's
 * zstd ends with the first frame of a chunk: IDs must not be forgotten like that.
 */
async function* decompressed(chunks: AsyncGenerator<Buffer>, compression: 'gzip' | 'zstd'): AsyncGenerator<Buffer> {
  for (let rest: Buffer = Buffer.alloc(0); ;) {
    const left = yield* unpacked(rest, chunks, compression);
    if (left.length > 0 && left.equals(rest)) throw new Error('what follows is not packed');
    rest = left.length > 0 ? left : await nextChunk(chunks);
    if (compression === 'gzip') {
      for (; rest.length > 0; rest = await nextChunk(chunks))
        if (rest.some((byte) => byte !== 0)) throw new Error('data follows the end of what was packed');
    }
    if (rest.length === 0) return;
  }
}

/** Unpacks until the unpacking ends by itself, and returns what it has not used of the bytes it was given. */
async function* unpacked(first: Buffer, chunks: AsyncGenerator<Buffer>, compression: 'gzip' | 'zstd'): AsyncGenerator<Buffer, Buffer> {
  const inflate = compression === 'gzip' ? createGunzip({ chunkSize: READ_BYTES }) : createZstdDecompress({ chunkSize: READ_BYTES });
  /** The last chunks handed over: at least as many bytes as may be unused. */
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let handedOverBytes = 0;
  let isOver = false;
  let reading: Promise<Buffer> = Promise.resolve(first);

  async function* handOver(): AsyncGenerator<Buffer> {
    if (first.length === 0) reading = nextChunk(chunks);
    for (let chunk = await reading; chunk.length > 0; chunk = await reading) {
      const unusedBytes = handedOverBytes - inflate.bytesWritten;
      for (let oldest = kept[0]; oldest !== undefined && keptBytes - oldest.length >= unusedBytes; oldest = kept[0]) {
        kept = kept.slice(1);
        keptBytes -= oldest.length;
      }
      kept.push(chunk);
      keptBytes += chunk.length;
      handedOverBytes += chunk.length;
      yield chunk;
      if (isOver) return;
      reading = nextChunk(chunks);
    }
  }

  // An error of either side is thrown to the code that iterates.
  pipeline(Readable.from(handOver()), inflate, () => undefined);
  yield* inflate as AsyncIterable<Buffer>;
  isOver = true;
  // One more chunk may be on its way; it is kept, but not passed on.
  await reading;
  return Buffer.concat(kept).subarray(keptBytes - (handedOverBytes - inflate.bytesWritten));
}

/** Empty at the end; no chunk is. */
async function nextChunk(chunks: AsyncGenerator<Buffer>): Promise<Buffer> {
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) if (next.value.length > 0) return next.value;
  return Buffer.alloc(0);
}
