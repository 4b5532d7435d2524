import { parse, type CsvError, type Parser } from 'csv-parse';

import type { UserError } from '../domain/errors.ts';
import { brokenSource } from './broken.ts';
import { headerInDoubt } from './form/column-errors.ts';
import { isKnownColumn, plainName } from './form/column-names.ts';
import { isEmptyRow, isSameRow } from './form/columns.ts';
import { csvOptions, DELIMITERS, HEAD_COUNT, QUOTE_STEP, whatIsBroken } from './form/csv-form.ts';
import { isPassedOver, OUTCOME_FIELD } from './report-row.ts';
import { CUT_OFF_REASON, type LastRow, mayBeCutOff, type RowReader, type RowSink } from './sink.ts';
import type { DetectedForm } from './source.ts';

export interface CsvReaderOptions {
  readonly name: string;
  readonly form: DetectedForm;
  readonly sink: RowSink;
  readonly lastRow: LastRow;
  /** Rows that look like the header are rows. */
  readonly isLiteral: boolean;
  /** Rows of a report are taken where their IDs are not done. */
  readonly takesReports: boolean;
  /** The person has told the ID column by its name. */
  readonly isColumnNamed: boolean;
}

/** What csv-parse tells of the place it is at, on a record and on an error. */
interface CsvPlace {
  readonly lines: number;
  readonly empty_lines: number;
}

/** CSV through csv-parse, fed piece by piece so that rows before a broken one are never lost. */
export function createCsvReader(options: CsvReaderOptions): RowReader {
  const { name, form, lastRow } = options;
  const rows = createRowTaker(options);
  let endLine = 0;
  let emptyLines = 0;
  /** csv-parse counts a CRLF inside quotes as two lines; so many too many by now. */
  let overcountedLines = 0;
  /** Where the input has ended without a line end: the row that may be the last, and cut off. */
  let isEndOpen = false;
  let maybeLast: { readonly record: readonly string[]; readonly line: number } | undefined;
  let error: CsvError | undefined;
  /** Found in a record; nothing after it is taken. */
  let failure: UserError | undefined;

  /** A record may span lines: it begins after the one before it and the blank lines between. */
  const beginLine = (emptyLinesBefore: number): number => endLine + 1 + emptyLinesBefore - emptyLines;

  function onRecord(record: string[], place: CsvPlace): null {
    const line = beginLine(place.empty_lines);
    if (place.lines - overcountedLines > line) overcountedLines += countCrlf(record);
    endLine = place.lines - overcountedLines;
    emptyLines = place.empty_lines;
    if (failure !== undefined) return null;
    // The parser may still have held the row before the last one, which is whole.
    if (maybeLast !== undefined) failure = rows.take(maybeLast.record, maybeLast.line, false);
    maybeLast = undefined;
    if (isEndOpen) maybeLast = { record, line };
    else failure ??= rows.take(record, line, endLine > line);
    return null;
  }

  const parser: Parser = parse({
    ...csvOptions({ delimiter: form.delimiter ?? ',', quote: form.quote }),
    on_record: (record: string[], context) => onRecord(record, context),
  });
  parser.on('error', (thrown) => (error = thrown as CsvError));
  parser.resume();

  function throwIfBroken(): void {
    if (failure !== undefined) throw failure;
    if (error === undefined) return;
    const place = error as unknown as Partial<CsvPlace>;
    throw brokenSource(name, beginLine(place.empty_lines ?? emptyLines), whatIsBroken(error), { nextStep: QUOTE_STEP, cause: error });
  }

  return {
    async push(text) {
      if (!parser.write(text)) await drained(parser);
      throwIfBroken();
    },
    async end(text, isUnterminated) {
      isEndOpen = isUnterminated && lastRow === 'reject';
      if (text !== '') parser.write(text);
      const closed = new Promise<void>((resolve) => parser.once('close', resolve));
      parser.end();
      await closed;
      throwIfBroken();
      if (maybeLast === undefined) return;
      failure = rows.take(maybeLast.record, maybeLast.line, false, true);
      throwIfBroken();
    },
  };
}

interface RowTaker {
  /** @returns what makes the row, and all that follows, one that cannot be trusted */
  take(record: readonly string[], line: number, isOverLines: boolean, mayHaveBeenCut?: boolean): UserError | undefined;
}

/** What becomes of each row: its ID, a rejected row, a header, or nothing. */
function createRowTaker({ name, form, sink, isLiteral, takesReports, isColumnNamed }: CsvReaderOptions): RowTaker {
  const columnIndex = form.columnIndex ?? 0;
  const delimiter = form.delimiter ?? ',';
  /** As the first row has it. */
  let fieldCount = 0;
  let header: readonly string[] = [];
  /** As they are compared. */
  let names: ReadonlySet<string> = new Set();
  let nameCharactersMax = 0;
  /** Of a report, or a part of one; -1 where there is none. */
  let outcomeIndex = -1;
  let rowsCount = 0;

  function repeated(record: readonly string[], line: number): undefined {
    sink.reject(record.join(delimiter), 'repeats the header', line);
  }

  function take(record: readonly string[], line: number, isOverLines: boolean, mayHaveBeenCut = false): UserError | undefined {
    const value = record[columnIndex] ?? '';
    if (mayBeBlank(value) && isEmptyRow(record)) return undefined;
    if (fieldCount === 0) {
      fieldCount = record.length;
      if (form.hasHeader) {
        header = record.map((field) => field.trim());
        names = new Set(header.map(plainName));
        nameCharactersMax = Math.max(...header.map((name) => name.length));
        outcomeIndex = header.indexOf(OUTCOME_FIELD);
        return undefined;
      }
    }
    if (isOverLines && isEachLineARow(record, delimiter, fieldCount)) return rowsInAField(name, line);
    rowsCount++;
    if (form.hasHeader && record.length === 1 && fieldCount > 1 && isPartedOtherwise(value))
      return otherHeader(name, line, 'its columns parted by another character');
    const isAName = value.length <= nameCharactersMax && names.has(plainName(value));
    if (form.hasHeader && isOtherHeader(record, columnIndex, isAName ? header : undefined))
      return otherHeader(name, line, 'its columns in another order');
    if (isAName && !isLiteral && isSameRow(record, header)) return repeated(record, line);
    // As detection has it where these rows were there already.
    const isInDoubt = rowsCount === 1 || (!isColumnNamed && rowsCount < HEAD_COUNT && !isSameRow(record, header));
    if (isInDoubt && names.size > 0 && isKnownColumn(value))
      return headerInDoubt(name, line, `its cell "${value.trim()}" is a name of ID columns, like the one above`);
    if (form.hasHeader && !isLiteral && (value.trim() === header[columnIndex] || isKnownColumn(value))) return repeated(record, line);
    if (outcomeIndex !== -1 && isPassedOver(record[outcomeIndex]?.trim(), takesReports)) sink.skip();
    else if (
      record.length < fieldCount ? record.length <= columnIndex : record.length > fieldCount && !isEmptyRow(record.slice(fieldCount))
    )
      sink.reject(record.join(delimiter), `has ${record.length} fields, the first row has ${fieldCount}`, line);
    else if (mayHaveBeenCut && mayBeCutOff(value)) sink.reject(value, CUT_OFF_REASON, line);
    else sink.value(value, line);
    return undefined;
  }

  return { take };
}

/** A glance at a value; nearly none begins like that. */
function mayBeBlank(value: string): boolean {
  return value.length === 0 || /^\s/.test(value);
}

/** A glance, for cells by the million. */
const MAY_BE_LONG_NAME = /^\s{0,8}[ci][^,;]{5,30}d\s{0,8}$/i;

/**
 * Whether a row is the header of a list that was joined to this one and has its ID elsewhere. A cell `id` alone does not tell: it may be a
 * locale.
 *
 * @param header - given where the row's value is one of its names
 */
function isOtherHeader(record: readonly string[], columnIndex: number, header: readonly string[] | undefined): boolean {
  const isIdName = (cell: string, index: number): boolean => index !== columnIndex && isKnownColumn(cell);
  if (header === undefined) return record.some((cell, index) => MAY_BE_LONG_NAME.test(cell) && isIdName(cell, index));
  if (isSameRow(record.map(plainName), header.map(plainName))) return false;
  return record.some(isIdName) || isRearranged(record, header);
}

/** The names of the header, in any order. */
function isRearranged(record: readonly string[], header: readonly string[]): boolean {
  const sorted = (names: readonly string[]): readonly string[] => names.map(plainName).sort();
  return record.length === header.length && isSameRow(sorted(record), sorted(header));
}

/** Whether a row of one cell is a header that another character parts. */
function isPartedOtherwise(value: string): boolean {
  return /[,;\t|]/.test(value) && DELIMITERS.some((delimiter) => value.split(delimiter).some((cell) => isKnownColumn(unquoted(cell))));
}

function unquoted(cell: string): string {
  return cell.replaceAll(/^\s*"|"\s*$/g, '');
}

function otherHeader(name: string, line: number, how: string): UserError {
  return brokenSource(name, line, `the header is repeated here with ${how}`, {
    nextStep: 'Give the lists that were joined as files of their own: each is read by its own header.',
  });
}

/** A quote that is opened by mistake swallows the rows up to the next one. */
function rowsInAField(name: string, line: number): UserError {
  return brokenSource(name, line, 'a quoted field goes over several lines, each of which would be a row by itself', {
    nextStep: QUOTE_STEP,
  });
}

function isEachLineARow(record: readonly string[], delimiter: string, fieldCount: number): boolean {
  const lines = record.join(delimiter).split(/\r\n|\n|\r/);
  return lines.length > 1 && lines.every((text) => text.split(delimiter).length === fieldCount);
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
