import { parse } from 'csv-parse/sync';

import { findColumn, KNOWN_COLUMNS } from './columns.ts';
import type { Compression } from './bytes.ts';
import type { DetectedForm, FormOptions } from './source.ts';

const DELIMITERS: readonly string[] = [',', ';', '\t', '|'];

/**
 * Finds a source's form from its name and its first lines.
 *
 * @param head - whole lines, at least the first that is not blank where there is one
 */
export function detectForm(sourceName: string, head: string, compression: Compression, options: FormOptions): DetectedForm {
  const none: DetectedForm = { format: 'empty', compression, columnIndex: undefined, columnName: undefined, hasHeader: false, delimiter: undefined };
  if (head.trim() === '') return none;
  const format = options.format === 'auto' ? detectFormat(sourceName, head, options) : options.format;
  if (format !== 'csv') return { ...none, format };
  const delimiter = options.delimiter ?? detectDelimiter(sourceName, head, options.column);
  const column = findColumn(sourceName, firstRow(head, delimiter), options.column, options.noHeader);
  return { ...none, format, delimiter, columnIndex: column.index, columnName: column.name, hasHeader: column.hasHeader };
}

function detectFormat(sourceName: string, head: string, options: FormOptions): 'csv' | 'lines' | 'ndjson' {
  if (head.trimStart().startsWith('{')) return 'ndjson';
  if (/\.(csv|tsv)$/i.test(withoutCompression(sourceName))) return 'csv';
  if (DELIMITERS.some((delimiter) => holdsIdColumn(head, delimiter, options.column))) return 'csv';
  return quoteOpensField(firstLine(head), options.delimiter) ? 'csv' : 'lines';
}

/** The one that splits the first line so that a known or given column appears; else the one the name or the line suggests. */
function detectDelimiter(sourceName: string, head: string, column: string | undefined): string {
  const byColumn = DELIMITERS.find((delimiter) => holdsIdColumn(head, delimiter, column));
  if (byColumn !== undefined) return byColumn;
  if (/\.tsv$/i.test(withoutCompression(sourceName))) return '\t';
  return DELIMITERS.find((delimiter) => firstRow(head, delimiter).length > 1) ?? ',';
}

function holdsIdColumn(head: string, delimiter: string, column: string | undefined): boolean {
  const wanted = column === undefined || /^\d+$/.test(column) ? KNOWN_COLUMNS : [column];
  return firstRow(head, delimiter).some((name) => wanted.includes(name.trim()));
}

function quoteOpensField(line: string, delimiter: string | undefined): boolean {
  const delimiters = delimiter === undefined ? DELIMITERS : [delimiter];
  return line.trimStart().startsWith('"') || delimiters.some((between) => line.includes(`${between}"`));
}

/** The first record; a head whose quotes are broken is one field, and the reader will name its line. */
function firstRow(head: string, delimiter: string): string[] {
  try {
    const rows = parse(head, { delimiter, record_delimiter: ['\r\n', '\n', '\r'], relax_column_count: true, skip_empty_lines: true, to: 1 });
    return rows[0] ?? [];
  } catch {
    return [firstLine(head)];
  }
}

function firstLine(head: string): string {
  return head.split(/\r\n|\n|\r/).find((line) => line.trim() !== '') ?? '';
}

function withoutCompression(sourceName: string): string {
  return sourceName.replace(/\.(gz|zst)$/i, '');
}
