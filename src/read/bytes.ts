import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

import { unreadableSource } from './broken.ts';
import type { SourceDigest } from './source.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

/** A source's bytes, decompressed, hashed as they lie there. */
export interface ByteSource {
  readonly compression: Compression;
  readonly chunks: AsyncIterator<Buffer>;
  digest(): SourceDigest;
  close(): Promise<void>;
}

const READ_BYTES = 256 * 1024;
const MAGIC: readonly (readonly [Compression, Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
];
const MAGIC_BYTES = 4;

export function openFileStream(path: string): Readable {
  try {
    if (statSync(path).isDirectory()) throw new Error('it is a folder');
  } catch (error) {
    throw unreadableSource(path, error);
  }
  return createReadStream(path, { highWaterMark: READ_BYTES });
}

/** Looks at the first bytes for compression; the stream is read once and never sought, so it may be a pipe. */
export async function openBytes(stream: NodeJS.ReadableStream, name: string): Promise<ByteSource> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const raw = hashed(stream[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>);
  const head = await readHead(raw).catch((error: unknown) => {
    throw unreadableSource(name, error);
  });
  const compression = MAGIC.find(([, magic]) => head.subarray(0, magic.length).equals(magic))?.[0] ?? 'none';
  const whole = prefixed(head, raw);
  const chunks = compression === 'none' ? whole : decompressed(whole, compression);
  return {
    compression,
    chunks,
    digest: () => ({ sizeBytes, sha256: hash.copy().digest() }),
    async close() {
      // First the stream: a read that waits for a silent pipe ends only with it, and returning would wait for that read.
      if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
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
  }
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

function decompressed(chunks: AsyncGenerator<Buffer>, compression: 'gzip' | 'zstd'): AsyncIterator<Buffer> {
  const inflate = compression === 'gzip' ? createGunzip({ chunkSize: READ_BYTES }) : createZstdDecompress({ chunkSize: READ_BYTES });
  // An error of either side reaches whoever iterates.
  pipeline(Readable.from(chunks), inflate, () => undefined);
  return inflate[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
}
