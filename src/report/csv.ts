import type { ReportRecord } from '../domain/record.ts';
import { FIELD_LIST, REPORT_CSV_COLUMNS, type ResultValue } from '../domain/result-fields.ts';

/** Cells that a spreadsheet would run as a formula; some take the full-width signs too. */
const FORMULA_START = /^[=+\-@＝＋－＠\t\r\n]/;

export function csvHeader(): string {
  return `${REPORT_CSV_COLUMNS.join(',')}\r\n`;
}

/**
 * One CSV row (RFC 4180). A cell that a spreadsheet would take for a formula gets an apostrophe in front; IDs to be
 * purged again are therefore taken from the NDJSON report, not from here.
 */
export function csvLine(record: ReportRecord): string {
  const cells: Record<string, ResultValue> = { ...record };
  if ('atMs' in record)
    for (const { key, kind, reportName } of FIELD_LIST)
      cells[reportName] = kind === 'time' ? new Date(record[key] as number).toISOString() : record[key];
  return `${REPORT_CSV_COLUMNS.map((column) => csvCell(cells[column])).join(',')}\r\n`;
}

/** A value as a cell of CSV that a sheet may open. */
export function csvCell(value: ResultValue): string {
  // A flag that is not set has no cell, as it has no field in the NDJSON report.
  if (value === undefined || value === false) return '';
  if (typeof value !== 'string') return String(value);
  const safe = FORMULA_START.test(value) ? `'${value}` : value;
  // Where `;` or a tab is the separator of the spreadsheet, it must not begin a cell either.
  return /[",;\t\r\n]/.test(safe) ? quoted(safe) : safe;
}

/** A text as a cell of CSV that is read back as it is, whatever it holds; a sheet may take it for a formula. */
export function exactCsvCell(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : quoted(text);
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
