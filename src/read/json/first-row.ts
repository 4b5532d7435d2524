import { usageError, UserError } from '../../domain/errors.ts';
import { chained } from '../chained.ts';
import type { RowSink } from '../sink.ts';
import { JsonReader } from './json-reader.ts';
import { MORE_THAN_ONE_FIELD, type RecordOptions } from './json-record.ts';
import { createNdjsonReader } from './ndjson-reader.ts';

/** Where no row has begun by then, there may be none at all. */
const HEAD_BYTES_MAX = 1024 * 1024;

/**
 * Reads JSON up to its first row. Throws (exit 2) where that is an object with two ID fields, before anything is sent.
 *
 * @returns all of its bytes, those that were looked at first
 */
export async function refuseTwoFieldsInJson(
  chunks: AsyncGenerator<Buffer>,
  name: string,
  options: RecordOptions,
): Promise<AsyncGenerator<Buffer>> {
  const head: Buffer[] = [];
  const first = createFirstRowSink(name);
  const reader = new JsonReader({ name, line: 1 }, options, first.sink);
  for (let bytesCount = 0; !first.isFound() && bytesCount <= HEAD_BYTES_MAX;) {
    const next = await chunks.next();
    if (next.done === true) break;
    head.push(next.value);
    bytesCount += next.value.length;
    if (!isWhole(() => reader.push(next.value))) break;
  }
  first.refuseTwoFields();
  return chained(head, chunks);
}

/** As {@link refuseTwoFieldsInJson} for whole lines of NDJSON. */
export function refuseTwoFieldsInNdjson(text: string, name: string, records: RecordOptions): void {
  const first = createFirstRowSink(name);
  const reader = createNdjsonReader({ name, records, sink: first.sink });
  for (const [line] of text.matchAll(/[^\r\n]*(?:\r\n|\n|\r|$)/g)) {
    if (!isWhole(() => void reader.push(line)) || first.isFound()) break;
  }
  first.refuseTwoFields();
}

/** What is broken is told when it is reached: what stands above it is good, lines of a report that are done among it. */
function isWhole(push: () => void): boolean {
  try {
    push();
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

function createFirstRowSink(name: string): {
  readonly sink: RowSink;
  readonly isFound: () => boolean;
  readonly refuseTwoFields: () => void;
} {
  let isFound = false;
  let refusal: Error | undefined;
  return {
    isFound: () => isFound,
    refuseTwoFields() {
      if (refusal !== undefined) throw refusal;
    },
    sink: {
      value() {
        isFound = true;
      },
      reject(_, reason, line) {
        if (!isFound && reason.startsWith(MORE_THAN_ONE_FIELD)) refusal = twoFields(name, line, reason);
        isFound = true;
      },
      // Of a report's line that is done nothing is read.
      skip: () => undefined,
    },
  };
}

function twoFields(name: string, line: number, reason: string): Error {
  return usageError(
    'COLUMN_AMBIGUOUS',
    `${name}, line ${line}: the first object ${reason}; nothing was sent.`,
    'Say which one holds the IDs: --column NAME',
  );
}
