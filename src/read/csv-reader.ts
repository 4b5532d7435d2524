import { parse, type CsvError, type Parser } from 'csv-parse';

import { brokenSource } from './broken.ts';
import { csvOptions, whatIsBroken } from './form/csv-form.ts';
import { CUT_OFF_REASON, mayBeCutOff, type RowReader, type RowSink } from './sink.ts';
import type { DetectedForm } from './source.ts';

export interface CsvReaderOptions {
  readonly name: string;
  readonly form: DetectedForm;
  readonly sink: RowSink;
  /** Whether the source may have been cut off by the end of a pipe. */
  readonly isPipe: boolean;
}

/** What csv-parse tells of the place it is at, on a record and on an error. */
interface CsvPlace {
  readonly lines: number;
  readonly empty_lines: number;
}

/** CSV through csv-parse, fed piece by piece so that rows before a broken one are never lost. */
export function createCsvReader({ name, form, sink, isPipe }: CsvReaderOptions): RowReader {
  const columnIndex = form.columnIndex ?? 0;
  let fieldCount: number | undefined;
  let isHeaderDue = form.hasHeader;
  let endLine = 0;
  let emptyLines = 0;
  /** csv-parse counts a CRLF inside quotes as two lines; so many too many by now. */
  let overcountedLines = 0;
  /** Where the input has ended without a line end: the row that may be the last, and cut off. */
  let isEndOpen = false;
  let maybeLast: { readonly value: string; readonly line: number } | undefined;
  let error: CsvError | undefined;

  /** A record may span lines: it begins after the one before it and the blank lines between. */
  const beginLine = (emptyLinesBefore: number): number => endLine + 1 + emptyLinesBefore - emptyLines;

  function onRecord(record: string[], place: CsvPlace): null {
    const line = beginLine(place.empty_lines);
    if (place.lines - overcountedLines > line) overcountedLines += countCrlf(record);
    endLine = place.lines - overcountedLines;
    emptyLines = place.empty_lines;
    // The parser may still have held the row before the last one, which is whole.
    if (maybeLast !== undefined) sink.value(maybeLast.value, maybeLast.line);
    maybeLast = undefined;
    if (isBlank(record)) return null;
    fieldCount ??= record.length;
    if (isHeaderDue) isHeaderDue = false;
    else if (record.length !== fieldCount)
      sink.reject(record.join(form.delimiter), `has ${record.length} fields, the first row has ${fieldCount}`, line);
    else if (isEndOpen) maybeLast = { value: record[columnIndex] ?? '', line };
    else sink.value(record[columnIndex] ?? '', line);
    return null;
  }

  const parser: Parser = parse({
    ...csvOptions(form.delimiter ?? ','),
    on_record: (record: string[], context) => onRecord(record, context),
  });
  parser.on('error', (thrown) => (error = thrown as CsvError));
  parser.resume();

  function throwIfBroken(): void {
    if (error === undefined) return;
    const place = error as unknown as Partial<CsvPlace>;
    throw brokenSource(name, beginLine(place.empty_lines ?? emptyLines), whatIsBroken(error), error);
  }

  return {
    async push(text) {
      if (!parser.write(text)) await drained(parser);
      throwIfBroken();
    },
    async end(text, isUnterminated) {
      isEndOpen = isUnterminated && isPipe;
      if (text !== '') parser.write(text);
      const closed = new Promise<void>((resolve) => parser.once('close', resolve));
      parser.end();
      await closed;
      throwIfBroken();
      if (maybeLast === undefined) return;
      if (mayBeCutOff(maybeLast.value)) sink.reject(maybeLast.value, CUT_OFF_REASON, maybeLast.line);
      else sink.value(maybeLast.value, maybeLast.line);
    },
  };
}

/** A line of nothing but white space; a field that is empty between quotes is a row. */
function isBlank(record: readonly string[]): boolean {
  const [only = ''] = record;
  return record.length === 1 && only !== '' && only.trim() === '';
}

function countCrlf(record: readonly string[]): number {
  return record.reduce((count, field) => count + field.split('\r\n').length - 1, 0);
}

function drained(parser: Parser): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      parser.off('drain', done);
      parser.off('close', done);
      resolve();
    };
    parser.once('drain', done);
    parser.once('close', done);
  });
}
