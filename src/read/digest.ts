import { createHash } from 'node:crypto';

import { unreadableSource } from './broken.ts';
import { destroyOnAbort, openFile } from './bytes.ts';
import type { SourceDigest } from './source.ts';

/** Hashes a file without parsing it: whether a source is the one a checkpoint was read from. */
export async function hashFile(path: string, halt: AbortSignal): Promise<SourceDigest> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const { stream } = openFile(path);
  try {
    destroyOnAbort(stream, halt);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      hash.update(chunk);
      sizeBytes += chunk.length;
    }
  } catch (error) {
    throw unreadableSource(path, error);
  } finally {
    stream.destroy();
  }
  return { sizeBytes, sha256: hash.digest() };
}
