import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';

const CHUNK_BYTES = 1 << 20;

/** `undefined` where the file is not there or shorter. */
export function hashOfBeginning(path: string, bytes: number): Hash | undefined {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? -1) < bytes) return undefined;
  const hash = createHash('sha256');
  for (const chunk of chunksOf(path, bytes)) hash.update(chunk);
  return hash;
}

/** The lines of a file's beginning, which ends with one. */
export function* linesOf(path: string, bytes: number): Generator<string> {
  let rest = Buffer.alloc(0);
  for (const chunk of chunksOf(path, bytes)) {
    const text = Buffer.concat([rest, chunk]);
    const end = text.lastIndexOf('\n') + 1;
    rest = Buffer.from(text.subarray(end));
    if (end > 0) yield* text.toString('utf8', 0, end - 1).split('\n');
  }
}

/** Each chunk is used before the next one is read. */
function* chunksOf(path: string, bytes: number): Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const fd = openSync(path, 'r');
  try {
    for (let left = bytes; left > 0;) {
      const count = readSync(fd, buffer, 0, Math.min(left, CHUNK_BYTES), null);
      if (count === 0) return;
      left -= count;
      yield buffer.subarray(0, count);
    }
  } finally {
    closeSync(fd);
  }
}
