import { Readable } from 'node:stream';

import { openSource } from '../../../src/read/open.ts';
import { BY_DETECTION as AUTO, type FormOptions, type RejectedRow, type SourceRef } from '../../../src/read/source.ts';

export { AUTO };

export interface Read {
  readonly rows: readonly (readonly [string, number])[];
  readonly rejected: readonly RejectedRow[];
  readonly skipped: number;
  readonly warnings: readonly string[];
  readonly error: Error | undefined;
}

/** Opens a source and reads it to its end, or to where it is broken. */
export async function read(ref: SourceRef, options: Partial<FormOptions> = {}): Promise<Read> {
  const source = await openSource(ref, { ...AUTO, ...options }, new AbortController().signal);
  const rows: [string, number][] = [];
  const rejected: RejectedRow[] = [];
  let skipped = 0;
  let error: Error | undefined;
  try {
    for await (const batch of source.batches()) {
      batch.values.forEach((value, index) => rows.push([value, batch.lines[index] ?? 0]));
      rejected.push(...batch.rejected);
      skipped += batch.skippedCount;
    }
  } catch (thrown) {
    error = thrown as Error;
  } finally {
    await source.close();
  }
  return { rows, rejected, skipped, warnings: source.warnings(), error };
}

export const pipe = (...chunks: readonly (string | Uint8Array)[]): SourceRef => ({
  kind: 'stdin',
  stream: Readable.from(chunks.map((chunk) => Buffer.from(chunk as string))),
});
