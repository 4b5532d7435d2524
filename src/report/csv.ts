import { REPORT_CSV_COLUMNS, type ReportRecord } from '../domain/record.ts';

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
  const cells: Record<string, string | number | boolean | undefined> = { ...record, at: undefined };
  if ('atMs' in record) {
    cells['at'] = new Date(record.atMs).toISOString();
    cells['earlierUnknown'] = record.earlierUnknown ? true : undefined;
  }
  return `${REPORT_CSV_COLUMNS.map((column) => cell(cells[column])).join(',')}\r\n`;
}

function cell(value: string | number | boolean | undefined): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const safe = FORMULA_START.test(value) ? `'${value}` : value;
  // Where `;` or a tab is the separator of the spreadsheet, it must not begin a cell either.
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
