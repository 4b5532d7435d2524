import { createHash } from 'node:crypto';

import { Pulse } from '../domain/pulse.ts';
import { RowCollector } from './sink.ts';
import { NO_COLUMNS, type OpenedSource, type RowBatch, ROWS_PER_BATCH } from './source.ts';

type Values = AsyncIterable<string> | Iterable<string>;

/** A program's own IDs: each value is one row, numbered from 1. */
export function openValues(values: Values): OpenedSource {
  const hash = createHash('sha256');
  const sink = new RowCollector();
  const changed = new Pulse();
  let sizeBytes = 0;
  let count = 0;
  /** To be told when no more is wanted; `undefined` before the first value is asked for, and after the last. */
  let iterator: AsyncIterator<string> | undefined;
  let isOver = false;
  let failure: { readonly error: unknown } | undefined;

  /** Runs beside the code that takes the rows: they are worked on while the next value is awaited, which may take days. */
  async function gather(from: AsyncIterator<string>): Promise<void> {
    try {
      while (!isOver) {
        const next = await from.next();
        if (isOver || next.done === true) break;
        add(next.value);
        while (sink.count >= ROWS_PER_BATCH && !isOver) await changed.next();
      }
      if (!isOver) iterator = undefined;
    } catch (error) {
      failure = { error };
    }
    isOver = true;
    changed.beat();
  }

  function add(value: string): void {
    if (typeof value !== 'string') throw new TypeError(`Expected each ID to be a string, got ${typeof value} at position ${count + 1}`);
    sizeBytes += Buffer.byteLength(value);
    hash.update(value).update('\n');
    sink.value(value, ++count);
    if (sink.count === 1) changed.beat();
  }

  async function* batches(): AsyncGenerator<RowBatch> {
    iterator = asyncIteratorOf(values);
    void gather(iterator);
    for (;;) {
      while (sink.count === 0 && !isOver) await changed.next();
      if (sink.count === 0) break;
      const batch = sink.take();
      changed.beat();
      yield batch;
    }
    if (failure !== undefined) throw failure.error;
  }

  return {
    name: '-',
    form: { ...NO_COLUMNS, format: 'lines', compression: 'none' },
    batches,
    digest: () => ({ sizeBytes, sha256: hash.copy().digest() }),
    warnings: () => (count === 0 ? ['no IDs were given'] : []),
    close() {
      isOver = true;
      changed.beat();
      // Not waited for: a generator ends only after the value it is asked for, and that may never come.
      void end(iterator);
      return Promise.resolve();
    },
  };
}

/** As `for await` does it. */
function asyncIteratorOf(values: Values): AsyncIterator<string> {
  return Symbol.asyncIterator in Object(values)
    ? (values as AsyncIterable<string>)[Symbol.asyncIterator]()
    : eachOf(values as Iterable<string>);
}

async function* eachOf(values: Iterable<string>): AsyncGenerator<string> {
  yield* values;
}

async function end(iterator: AsyncIterator<string> | undefined): Promise<void> {
  try {
    await iterator?.return?.();
  } catch {
    // An error in the program's own clean-up changes nothing about what was done with its IDs.
  }
}
