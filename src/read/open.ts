import { isPipeLike, openBytes, openFile } from './bytes.ts';
import { createCsvReader } from './csv-reader.ts';
import { detectForm, separatorLine } from './form/detect.ts';
import { chained } from './chained.ts';
import { givenName } from './form/column-names.ts';
import { peekForm, type PeekedForm, readHead } from './head.ts';
import { refuseTwoFieldsInJson, refuseTwoFieldsInNdjson } from './json/first-row.ts';
import { JsonReader } from './json/json-reader.ts';
import { createLineReader } from './line-reader.ts';
import { createNdjsonReader } from './json/ndjson-reader.ts';
import { RowCollector, type LastRow, type RowReader } from './sink.ts';
import {
  type DetectedForm,
  type FormOptions,
  NO_COLUMNS,
  type OpenedSource,
  type RowBatch,
  ROWS_PER_BATCH,
  type SourceRef,
} from './source.ts';
import { textPieces, withBlankLines } from './text-pieces.ts';
import { type Place, utf8Chunks } from './utf8.ts';
import { openValues } from './values.ts';

/** A source's reading, its form known and nothing of it read. */
interface Reading {
  readonly form: DetectedForm;
  /** Hands the source to its reader; each step is one piece of it. */
  readonly steps: (sink: RowCollector, warnings: string[]) => AsyncGenerator<void>;
}

/**
 * Opens a source and finds its form and column. Throws a `UserError`: exit 5 where it cannot be read, 2 where it is no list or the column
 * is unclear.
 *
 * @param halt - ends its reading, wherever that is
 */
export async function openSource(ref: SourceRef, options: FormOptions, halt: AbortSignal): Promise<OpenedSource> {
  if (ref.kind === 'values') return openValues(ref.values);
  const name = ref.kind === 'file' ? ref.path : '-';
  const isPipe = ref.kind === 'stdin' || isPipeLike(ref.path);
  const opened = ref.kind === 'file' ? openFile(ref.path) : { stream: ref.stream, refuseChanged: () => undefined };
  const bytes = await openBytes(opened, name, halt);
  try {
    const place: Place = { name, line: 1 };
    const peeked = await peekForm(utf8Chunks(bytes, place), name, options);
    const { form, steps } = peeked.isJson
      ? await jsonReading(peeked, place, options, bytes.compression)
      : await textReading(peeked, place, options, bytes.compression, isPipe);
    const warnings: string[] = [];
    return {
      name,
      form,
      batches: () => readBatches(name, steps, warnings),
      digest: () => bytes.digest(),
      warnings: () => warnings,
      close: () => bytes.close(),
    };
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

async function jsonReading(
  peeked: PeekedForm,
  place: Place,
  options: FormOptions,
  compression: DetectedForm['compression'],
): Promise<Reading> {
  const chunks = await refuseTwoFieldsInJson(peeked.chunks, place.name, options);
  return {
    form: { ...NO_COLUMNS, format: 'json', compression },
    async *steps(sink) {
      const reader = new JsonReader(place, options, sink);
      for await (const chunk of chunks) {
        reader.push(chunk);
        yield;
      }
      reader.end();
      yield;
    },
  };
}

async function textReading(
  { chunks }: PeekedForm,
  place: Place,
  options: FormOptions,
  compression: DetectedForm['compression'],
  isPipe: boolean,
): Promise<Reading> {
  const { name } = place;
  const read = await readHead(withBlankLines(textPieces(chunks, place), options.skipLines), name, options);
  const delimiter = options.format === 'auto' || options.format === 'csv' ? separatorLine(read.text) : undefined;
  // The line that names the delimiter is no row.
  const head = delimiter === undefined ? read : read.withoutFirstLine();
  const formOptions = delimiter === undefined ? options : { ...options, format: 'csv' as const, delimiter: options.delimiter ?? delimiter };
  const form = detectForm(name, head.text, compression, formOptions);
  if (form.format === 'ndjson') refuseTwoFieldsInNdjson(head.text, name, options);
  return {
    form,
    async *steps(sink, warnings) {
      const lastRow = lastRowOf(options, isPipe);
      const reader = createReader(name, form, options, lastRow, sink);
      for await (const piece of chained(head.pieces, read.rest)) {
        await (piece.isLast ? reader.end(piece.text, piece.isUnterminated) : reader.push(piece.text));
        if (piece.isUnterminated && lastRow === 'warn' && sink.count > 0)
          warnings.push(`${name}: its last row has no line end; it was taken as it is`);
        yield;
      }
    },
  };
}

function lastRowOf({ lastLine }: FormOptions, isPipe: boolean): LastRow {
  if (lastLine === 'by-source') return isPipe ? 'reject' : 'warn';
  return lastLine;
}

async function* readBatches(name: string, steps: Reading['steps'], warnings: string[]): AsyncGenerator<RowBatch> {
  const sink = new RowCollector();
  let rowCount = 0;
  try {
    for await (const _ of steps(sink, warnings)) {
      rowCount += sink.count;
      // After every piece: a slow pipe's rows must not wait for more of them.
      if (sink.count > 0) yield* slices(sink.take());
    }
  } catch (error) {
    // The rows before the broken one are good.
    if (sink.count > 0) yield* slices(sink.take());
    throw error;
  }
  if (rowCount === 0) warnings.push(`${name} holds no rows`);
}

function createReader(name: string, form: DetectedForm, options: FormOptions, lastRow: LastRow, sink: RowCollector): RowReader {
  switch (form.format) {
    case 'csv':
      return createCsvReader({
        name,
        form,
        sink,
        lastRow,
        isLiteral: options.literal,
        takesReports: options.takesReports,
        isColumnNamed: givenName(options.column) !== undefined,
      });
    case 'ndjson':
      return createNdjsonReader({ name, records: options, sink });
    case 'lines':
    case 'empty':
    case 'json':
      return createLineReader({ sink, lastRow, rejectsHeaders: !options.literal && options.format === 'auto' && !options.noHeader });
  }
}

/** A piece of text may hold more rows than a batch should. */
function* slices(batch: RowBatch): Generator<RowBatch> {
  yield { ...batch, values: batch.values.slice(0, ROWS_PER_BATCH), lines: batch.lines.slice(0, ROWS_PER_BATCH) };
  for (let start = ROWS_PER_BATCH; start < batch.values.length; start += ROWS_PER_BATCH) {
    yield {
      values: batch.values.slice(start, start + ROWS_PER_BATCH),
      lines: batch.lines.slice(start, start + ROWS_PER_BATCH),
      rejected: [],
      skippedCount: 0,
    };
  }
}
