import { brokenSource } from './broken.ts';
import { isPipeLike, openBytes, openFileStream } from './bytes.ts';
import { createCsvReader } from './csv-reader.ts';
import { RECORD_CHARACTERS_MAX } from './form/csv-form.ts';
import { detectForm, endsInFirstRecord } from './form/detect.ts';
import { createLineReader } from './line-reader.ts';
import { createNdjsonReader } from './ndjson-reader.ts';
import { RowCollector, type RowReader } from './sink.ts';
import { type DetectedForm, type FormOptions, type OpenedSource, type RowBatch, ROWS_PER_BATCH, type SourceRef } from './source.ts';
import { type TextPiece, textPieces } from './text-pieces.ts';
import { openValues } from './values.ts';

/**
 * Opens a source and finds its form and column. Throws a `UserError`: exit 5 where it cannot be read, 2 where the column is unclear.
 *
 * @param halt - ends its reading, wherever that is
 */
export async function openSource(ref: SourceRef, options: FormOptions, halt: AbortSignal): Promise<OpenedSource> {
  if (ref.kind === 'values') return openValues(ref.values);
  const name = ref.kind === 'file' ? ref.path : '-';
  const isPipe = ref.kind === 'stdin' || isPipeLike(ref.path);
  const bytes = await openBytes(ref.kind === 'file' ? openFileStream(ref.path) : ref.stream, name, halt);
  try {
    const pieces = textPieces(bytes, name);
    const { head, isWhole } = await readHead(pieces, name, options);
    const form = detectForm(name, head.map(({ text }) => text).join(''), bytes.compression, options);
    const warnings: string[] = [];
    return {
      name,
      form,
      batches: () => readBatches(name, form, options, isPipe, chain(head, isWhole ? undefined : pieces), warnings),
      digest: () => bytes.digest(),
      warnings: () => warnings,
      close: () => bytes.close(),
    };
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

/** Blank lines at the beginning are kept until the form is known; there may be gigabytes of them in a small packed file. */
const BLANK_CHARACTERS_MAX = 1024 * 1024;

/** Pieces up to the end of the first record that says anything, however they are cut. */
async function readHead(
  pieces: AsyncGenerator<TextPiece>,
  name: string,
  options: FormOptions,
): Promise<{ head: TextPiece[]; isWhole: boolean }> {
  const head: TextPiece[] = [];
  let blankCharacters = 0;
  let text = '';
  for (;;) {
    const next = await pieces.next();
    if (next.done === true) return { head, isWhole: true };
    const piece = next.value;
    head.push(piece);
    if (piece.isLast) return { head, isWhole: true };
    if (text === '' && piece.text.trim() === '') {
      blankCharacters += piece.text.length;
      if (blankCharacters > BLANK_CHARACTERS_MAX)
        throw brokenSource(name, 1, `it begins with more than ${BLANK_CHARACTERS_MAX} blank characters`);
      continue;
    }
    const mayHaveEnded = text === '' || piece.text.includes('"');
    text += piece.text;
    if (text.length > RECORD_CHARACTERS_MAX || (mayHaveEnded && !endsInFirstRecord(text, options))) return { head, isWhole: false };
  }
}

async function* chain(head: readonly TextPiece[], rest: AsyncGenerator<TextPiece> | undefined): AsyncGenerator<TextPiece> {
  yield* head;
  if (rest !== undefined) yield* rest;
}

async function* readBatches(
  name: string,
  form: DetectedForm,
  options: FormOptions,
  isPipe: boolean,
  pieces: AsyncGenerator<TextPiece>,
  warnings: string[],
): AsyncGenerator<RowBatch> {
  const sink = new RowCollector();
  const reader = createReader(name, form, options, isPipe, sink);
  let rowCount = 0;
  try {
    for await (const piece of pieces) {
      if (piece.isLast) await reader.end(piece.text, piece.isUnterminated);
      else await reader.push(piece.text);
      if (piece.isUnterminated && !isPipe && sink.count > 0) warnings.push(`${name}: its last row has no line end; it was taken as it is`);
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

function createReader(name: string, form: DetectedForm, options: FormOptions, isPipe: boolean, sink: RowCollector): RowReader {
  switch (form.format) {
    case 'csv':
      return createCsvReader({ name, form, sink, isPipe });
    case 'ndjson':
      return createNdjsonReader({ name, field: options.column, sink });
    case 'lines':
    case 'empty':
      return createLineReader({ sink, isPipe });
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
