import { createHash } from 'node:crypto';

import { RowCollector } from './sink.ts';
import { type OpenedSource, type RowBatch, ROWS_PER_BATCH } from './source.ts';

/** A program's own IDs: each value is one row, numbered from 1. */
export function openValues(values: AsyncIterable<string> | Iterable<string>): OpenedSource {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let count = 0;

  async function* batches(): AsyncGenerator<RowBatch> {
    const sink = new RowCollector();
    for await (const value of values) {
      if (typeof value !== 'string') throw new TypeError(`Expected each ID to be a string, got ${typeof value} at position ${count + 1}`);
      sizeBytes += Buffer.byteLength(value);
      hash.update(value).update('\n');
      sink.value(value, ++count);
      if (sink.count >= ROWS_PER_BATCH) yield sink.take();
    }
    if (sink.count > 0) yield sink.take();
  }

  return {
    name: '-',
    form: { format: 'lines', compression: 'none', columnIndex: undefined, columnName: undefined, hasHeader: false, delimiter: undefined },
    batches,
    digest: () => ({ sizeBytes, sha256: hash.copy().digest() }),
    warnings: () => (count === 0 ? ['no IDs were given'] : []),
    close: () => Promise.resolve(),
  };
}
