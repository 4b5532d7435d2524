import { usageError } from '../../domain/errors.ts';
import { isReportHeader } from '../../domain/result-fields.ts';
import { brokenSource } from '../broken.ts';
import type { Compression } from '../bytes.ts';
import { findColumn, isEmptyRow, KNOWN_COLUMNS } from './columns.ts';
import { blankStartLength, firstRecord } from './csv-form.ts';
import type { DetectedForm, FormOptions } from '../source.ts';

const DELIMITERS: readonly string[] = [',', ';', '\t', '|'];

/**
 * Finds a source's form from its name and its first lines. Throws where they leave the ID column in doubt (exit 2), or are
 * broken (exit 5).
 *
 * @param head - whole lines, at least the first record that is not blank where there is one
 */
export function detectForm(sourceName: string, head: string, compression: Compression, options: FormOptions): DetectedForm {
  const none: DetectedForm = {
    format: 'empty',
    compression,
    columnIndex: undefined,
    columnName: undefined,
    hasHeader: false,
    delimiter: undefined,
  };
  if (head.trim() === '') return none;
  const format = options.format === 'auto' ? detectFormat(sourceName, head, options) : options.format;
  if (format !== 'csv') return { ...none, format };
  const delimiter = options.delimiter ?? detectDelimiter(sourceName, head, options.column);
  const line = head.slice(0, blankStartLength(head, delimiter)).split(/\r\n|\n|\r/).length;
  const first = firstRecord(head, delimiter);
  if (first.kind !== 'fields')
    throw brokenSource(sourceName, line, first.kind === 'open' ? 'a quote is opened and never closed' : first.what);
  refuseReport(sourceName, first.fields);
  const column = findColumn({ sourceName, line }, first.fields, options.column, options.noHeader);
  return { ...none, format, delimiter, columnIndex: column.index, columnName: column.name, hasHeader: column.hasHeader };
}

/** Whether the head ends inside its first record, if it is CSV: half of it would give other columns than the whole. */
export function endsInFirstRecord(head: string, options: FormOptions): boolean {
  if (options.format === 'lines' || options.format === 'ndjson' || (options.format === 'auto' && isNdjson(head))) return false;
  return delimitersFor(options).some((delimiter) => firstRecord(head, delimiter).kind === 'open');
}

function detectFormat(sourceName: string, head: string, options: FormOptions): 'csv' | 'lines' | 'ndjson' {
  if (isNdjson(head)) return 'ndjson';
  if (/\.(csv|tsv)$/i.test(withoutCompression(sourceName))) return 'csv';
  const delimiters = delimitersFor(options);
  if (delimiters.some((delimiter) => holdsColumn(head, delimiter, [...KNOWN_COLUMNS, ...givenName(options.column)]))) return 'csv';
  if (quoteOpensField(firstLine(head), delimiters)) return 'csv';
  // Cells of a sheet: as lines, the whole rows below would be sent, or protected in place of the IDs they hold.
  if (delimiters.some((delimiter) => isEmptyRow(fieldsOf(head, delimiter)))) return 'csv';
  // Where a column or a delimiter is given, a whole line is not an ID.
  const isSaidToHaveColumns = options.column !== undefined || options.delimiter !== undefined || options.noHeader;
  return isSaidToHaveColumns && delimiters.some((delimiter) => fieldsOf(head, delimiter).length > 1) ? 'csv' : 'lines';
}

/** The one that splits the first line so that a given or known column appears; else the one the name or the line suggests. */
function detectDelimiter(sourceName: string, head: string, column: string | undefined): string {
  for (const wanted of [givenName(column), KNOWN_COLUMNS]) {
    const byColumn = DELIMITERS.find((delimiter) => holdsColumn(head, delimiter, wanted));
    if (byColumn !== undefined) return byColumn;
  }
  if (/\.tsv$/i.test(withoutCompression(sourceName))) return '\t';
  return DELIMITERS.find((delimiter) => fieldsOf(head, delimiter).length > 1) ?? ',';
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

function isNdjson(head: string): boolean {
  return head.trimStart().startsWith('{');
}

function delimitersFor({ delimiter }: FormOptions): readonly string[] {
  return delimiter === undefined ? DELIMITERS : [delimiter];
}

function givenName(column: string | undefined): string[] {
  return column === undefined || /^\d+$/.test(column) ? [] : [column];
}

function holdsColumn(head: string, delimiter: string, wanted: readonly string[]): boolean {
  return fieldsOf(head, delimiter).some((name) => wanted.includes(name.trim()));
}

function quoteOpensField(line: string, delimiters: readonly string[]): boolean {
  return line.trimStart().startsWith('"') || delimiters.some((between) => line.includes(`${between}"`));
}

/** The number of columns that this delimiter makes of the first record; 1 where it is not a record with it. */
function fieldsOf(head: string, delimiter: string): readonly string[] {
  const first = firstRecord(head, delimiter);
  return first.kind === 'fields' ? first.fields : [firstLine(head)];
}

function firstLine(head: string): string {
  return head.split(/\r\n|\n|\r/).find((line) => line.trim() !== '') ?? '';
}

function withoutCompression(sourceName: string): string {
  return sourceName.replace(/\.(gz|zst)$/i, '');
}
