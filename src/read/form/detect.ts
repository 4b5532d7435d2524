import { usageError, type UserError } from '../../domain/errors.ts';
import { isReportHeader } from '../../domain/result-fields.ts';
import { brokenSource } from '../broken.ts';
import type { Compression } from '../bytes.ts';
import { type DetectedForm, type FormOptions, NO_COLUMNS } from '../source.ts';
import type { HeadRow } from './column-errors.ts';
import { givenName, meantNames } from './column-names.ts';
import { findColumn, isEmptyRow } from './columns.ts';
import { type CsvStyle, DELIMITERS, HEAD_COUNT, headRows, QUOTE_STEP } from './csv-form.ts';
import { refuseNameAboveLines } from './name-above-lines.ts';
import { refuseText } from './no-list.ts';
import { isUuid } from './uuid.ts';

interface HeadLine {
  readonly text: string;
  readonly number: number;
}

/**
 * Finds the form of a source of lines from its name and its first lines. Throws where they show that it is no list, or leave the ID
 * column in doubt (exit 2), or are broken (exit 5).
 *
 * @param text - whole lines, {@link isHeadEnough} or all there are
 */
export function detectForm(sourceName: string, text: string, compression: Compression, options: FormOptions): DetectedForm {
  const none: DetectedForm = { ...NO_COLUMNS, format: 'empty', compression };
  const allLines = firstLines(text);
  const [first] = allLines;
  if (first === undefined) return none;
  // Nothing below a UUID that stands alone says more, and how much of it is known depends on how fast it comes.
  const lines = isUuid(first.text) ? [first] : allLines;
  const head = isUuid(first.text) ? '\n'.repeat(first.number - 1) + first.text : text;
  if (options.format !== 'lines' && !options.literal)
    refuseText(
      sourceName,
      lines.map((line) => line.text),
      first.number,
    );
  const format = options.format === 'auto' ? detectFormat(sourceName, head, options) : options.format;
  if (format === 'lines' && options.format === 'auto' && !options.noHeader)
    refuseNameAboveLines(
      sourceName,
      lines.map((line) => ({ value: line.text, line: line.number })),
      options.column,
    );
  if (format !== 'csv') return { ...none, format };

  const quote = quoteOf(sourceName, options);
  const style: CsvStyle = { delimiter: options.delimiter ?? detectDelimiter(sourceName, head, quote, options.column), quote };
  const found = headRows(head, style, HEAD_COUNT);
  if (found.kind === 'none') return none;
  if (found.kind !== 'rows') {
    const what = found.kind === 'open' ? 'a quote is opened and never closed' : found.what;
    throw brokenSource(sourceName, found.line, what, { nextStep: QUOTE_STEP });
  }
  refuseReport(sourceName, found.rows[0].fields);
  const column = findColumn(sourceName, found.rows, options);
  return { ...none, format, ...style, columnIndex: column.index, columnName: column.name, hasHeader: column.hasHeader };
}

/** A first line `sep=;`, by which spreadsheets are told the delimiter. */
export function separatorLine(head: string): string | undefined {
  const [first] = firstLines(head);
  return first === undefined ? undefined : /^"?sep=(.)"?$/i.exec(first.text)?.[1];
}

/**
 * Whether a beginning is enough to tell the form, however the text goes on. Most lists say it by their first line, and those of a slow
 * pipe are not kept waiting for more.
 */
export function isHeadEnough(head: string, options: FormOptions): boolean {
  if (options.format === 'lines' || options.format === 'ndjson') return true;
  const lines = firstLines(head);
  if (lines.length === 0 || endsInFirstRecord(head, options)) return false;
  if (lines.length >= HEAD_COUNT) return true;
  if (isUuid(lines[0]?.text ?? '')) return true;
  return options.format === 'auto' && isNdjson(head) ? true : isPlainHeader(head, options);
}

/** A cell that may be like a value below it has one of these. */
const MAY_BE_VALUE = /[\d./:@]/;

/**
 * A header that leaves nothing in doubt whatever follows: no cell of it looks like a value, and no table has one like it. Where it has
 * several columns, one row below it is needed.
 */
function isPlainHeader(head: string, options: FormOptions): boolean {
  if (options.noHeader) return false;
  return delimitersFor(options).some((delimiter) => {
    if (delimiter === '|') return false;
    const [first] = rowsOf(head, { delimiter, quote: options.quote === 'none' ? undefined : (options.quote ?? '"') }, 1);
    const fields = first?.fields ?? [];
    return (
      meantNames(fields, givenName(options.column)).length > 0 &&
      fields.every((field) => !MAY_BE_VALUE.test(field)) &&
      (fields.length === 1 || firstLines(head).filter(({ text }) => text.trim() !== '').length > 1)
    );
  });
}

/** Whether the head ends inside its first record, if it is CSV: half of it would give other columns than the whole. */
function endsInFirstRecord(head: string, options: FormOptions): boolean {
  if (options.format === 'auto' && isNdjson(head)) return false;
  const quote = options.quote === 'none' ? undefined : (options.quote ?? '"');
  return delimitersFor(options).some((delimiter) => headRows(head, { delimiter, quote }, 1).kind === 'open');
}

function detectFormat(sourceName: string, head: string, options: FormOptions): 'csv' | 'lines' | 'ndjson' {
  if (isNdjson(head)) return 'ndjson';
  if (/\.(csv|tsv)$/i.test(withoutCompression(sourceName))) return 'csv';
  const quote = quoteOf(sourceName, options);
  const delimiters = delimitersFor(options);
  const tables = delimiters.map((delimiter) => rowsOf(head, { delimiter, quote }, HEAD_COUNT));
  const given = givenName(options.column);
  if (tables.some((rows) => rows.some(({ fields }) => isNaming(fields, given)))) return 'csv';
  if (quote !== undefined && firstLines(head).some(({ text }) => quoteOpensField(text, quote, delimiters))) return 'csv';
  // Cells of a sheet: as lines, the whole rows below would be sent, or protected in place of the IDs they hold.
  const firstRows = tables.flatMap((rows) => rows.slice(0, 1));
  if (firstRows.some(({ fields }) => isEmptyRow(fields))) return 'csv';
  // Where a column or a delimiter is given, a whole line is not an ID.
  const isSaidToHaveColumns = options.column !== undefined || options.delimiter !== undefined || options.noHeader;
  return isSaidToHaveColumns && firstRows.some(({ fields }) => fields.length > 1) ? 'csv' : 'lines';
}

function isNaming(fields: readonly string[], given: string | undefined): boolean {
  return meantNames(fields, given).length > 0 || meantNames(fields, undefined).length > 0;
}

/** The one that splits the first row, or else one below, so that a given or known column appears; else the one that name or row suggest. */
function detectDelimiter(sourceName: string, head: string, quote: string | undefined, column: string | undefined): string {
  for (const rowCount of [1, HEAD_COUNT]) {
    for (const given of new Set([givenName(column), undefined])) {
      const byColumn = DELIMITERS.filter((delimiter) =>
        rowsOf(head, { delimiter, quote }, rowCount).some(({ fields }) => meantNames(fields, given).length > 0),
      );
      // A row of one cell is the same with each of them.
      const splitting = byColumn.filter((delimiter) =>
        rowsOf(head, { delimiter, quote }, rowCount).some(({ fields }) => fields.length > 1),
      );
      if (splitting.length > 1) throw twoDelimiters(sourceName, firstLines(head)[0]?.number ?? 1, splitting);
      const [only] = [...splitting, ...byColumn];
      if (only !== undefined) return only;
    }
  }
  if (isTsv(sourceName)) return '\t';
  return DELIMITERS.find((delimiter) => (rowsOf(head, { delimiter, quote }, 1)[0]?.fields.length ?? 0) > 1) ?? ',';
}

/** `id;name,id` has an ID column with each of two, and they are not the same. */
function twoDelimiters(sourceName: string, line: number, delimiters: readonly string[]): UserError {
  const shown = delimiters.map((delimiter) => (delimiter === '\t' ? 'a tab' : `"${delimiter}"`)).join(' and by ');
  return usageError(
    'DELIMITER_AMBIGUOUS',
    `${sourceName}, line ${line}: parted by ${shown} alike it has a column of IDs; nothing was sent.`,
    'Say what parts its columns: --delimiter C',
  );
}

/** Its cells may be spelled differently from the IDs, for spreadsheets, and it names protected IDs beside failed ones. */
function refuseReport(sourceName: string, firstRow: readonly string[]): void {
  if (!isReportHeader(firstRow)) return;
  throw usageError(
    'SOURCE_IS_CSV_REPORT',
    `${sourceName} is a report of images-purge as CSV, in which IDs may be spelled for spreadsheets; nothing was sent.`,
    'Take the NDJSON report:  images-purge report CHECKPOINT --format ndjson',
  );
}

/** Programs that write .tsv enclose nothing: there a quote is an inch. */
function quoteOf(sourceName: string, { quote }: FormOptions): string | undefined {
  if (quote !== undefined) return quote === 'none' ? undefined : quote;
  return isTsv(sourceName) ? undefined : '"';
}

function isTsv(sourceName: string): boolean {
  return /\.tsv$/i.test(withoutCompression(sourceName));
}

function isNdjson(head: string): boolean {
  return head.trimStart().startsWith('{');
}

function delimitersFor({ delimiter }: FormOptions): readonly string[] {
  return delimiter === undefined ? DELIMITERS : [delimiter];
}

function quoteOpensField(line: string, quote: string, delimiters: readonly string[]): boolean {
  return line.trimStart().startsWith(quote) || delimiters.some((between) => line.includes(between + quote));
}

/** As this delimiter makes them; where the first is none with it, its line is one cell. */
function rowsOf(head: string, style: CsvStyle, countMax: number): readonly HeadRow[] {
  const found = headRows(head, style, countMax);
  if (found.kind === 'rows') return found.rows;
  return firstLines(head)
    .slice(0, 1)
    .map(({ text, number }) => ({ fields: [text], line: number }));
}

/** The first lines, from the first that is not blank on. */
function firstLines(head: string): readonly HeadLine[] {
  const lines: HeadLine[] = [];
  let start = 0;
  for (let number = 1; lines.length < HEAD_COUNT && start < head.length; number++) {
    const rest = /\r\n|\n|\r/g;
    rest.lastIndex = start;
    const end = rest.exec(head);
    const text = head.slice(start, end?.index ?? head.length);
    if (lines.length > 0 || text.trim() !== '') lines.push({ text, number });
    start = end === null ? head.length : rest.lastIndex;
  }
  return lines;
}

function withoutCompression(sourceName: string): string {
  return sourceName.replace(/\.(gz|zst)$/i, '');
}
