import { parse, type CsvError, type Parser } from 'csv-parse';

import { brokenSource } from './broken.ts';
import { CUT_OFF_REASON, mayBeCutOff, type RowReader, type RowSink } from './sink.ts';
import type { DetectedForm } from './source.ts';

export interface CsvReaderOptions {
  readonly name: string;
  readonly form: DetectedForm;
  readonly sink: RowSink;
  /** Whether the source may have been cut off by the end of a pipe. */
  readonly isPipe: boolean;
}

/** A record longer than this is broken structure: most often a quote that is never closed. */
const RECORD_CHARACTERS_MAX = 1024 * 1024;

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
    fieldCount ??= record.length;
    if (isHeaderDue) isHeaderDue = false;
    else if (record.length !== fieldCount) sink.reject(record.join(form.delimiter), `has ${record.length} fields, the first row has ${fieldCount}`, line);
    else if (isEndOpen) {
      // The parser may still have held the row before the last one.
      if (maybeLast !== undefined) sink.value(maybeLast.value, maybeLast.line);
      maybeLast = { value: record[columnIndex] ?? '', line };
    } else sink.value(record[columnIndex] ?? '', line);
    return null;
  }

  const parser: Parser = parse({
    delimiter: form.delimiter ?? ',',
    // Guessed from the first line otherwise, and then rows of a file with mixed line ends merge silently.
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: RECORD_CHARACTERS_MAX,
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

function whatIsBroken(error: CsvError): string {
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quote is opened and never closed';
    case 'CSV_MAX_RECORD_SIZE':
      return `a record is longer than ${RECORD_CHARACTERS_MAX} characters, most often because a quote is opened and never closed`;
    case 'INVALID_OPENING_QUOTE':
      return 'a quote stands inside a field that is not quoted';
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'text follows a closing quote';
    default:
      return error.message;
  }
}
