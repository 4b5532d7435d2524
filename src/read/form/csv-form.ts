import type { CsvError, Options } from 'csv-parse';
import { parse } from 'csv-parse/sync';

import type { HeadRow } from './column-errors.ts';

/** A record longer than this is broken structure: most often a quote that is never closed. */
export const RECORD_CHARACTERS_MAX: number = 1024 * 1024;

/** What may part the fields, where nobody says it. */
export const DELIMITERS: readonly string[] = [',', ';', '\t', '|'];

/** How CSV is written: what parts its fields, and what encloses them. */
export interface CsvStyle {
  readonly delimiter: string;
  /** `undefined`: no character encloses fields. */
  readonly quote: string | undefined;
}

/** How CSV is read, both for detection and for the rows. */
export function csvOptions({ delimiter, quote }: CsvStyle): Options {
  return {
    delimiter,
    quote: quote ?? false,
    escape: quote ?? false,
    // Otherwise the line end is guessed from the first line, and rows of a file with mixed line ends would merge silently.
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: RECORD_CHARACTERS_MAX,
  };
}

export type HeadRows =
  | { readonly kind: 'rows'; readonly rows: readonly [HeadRow, ...HeadRow[]] }
  | { readonly kind: 'none' }
  /** A quote of the first record is open where the text ends: more of it may close it. */
  | { readonly kind: 'open'; readonly line: number }
  | { readonly kind: 'broken'; readonly line: number; readonly what: string };

/** The lines, and records, of a source's beginning that tell its form: a title, a header below it, ten values under a name. */
export const HEAD_COUNT = 12;

/** The first records of a text, at most so many, without blank lines. What is broken below the first is left to the reader. */
export function headRows(text: string, style: CsvStyle, countMax: number): HeadRows {
  const blankLength = blankStartLength(text, style.delimiter);
  const firstLine = text.slice(0, blankLength).split(/\r\n|\n|\r/).length;
  const rows: HeadRow[] = [];
  try {
    parse(text.slice(blankLength), {
      ...csvOptions(style),
      to: countMax,
      on_record(fields: string[], { lines }) {
        const innerLines = fields.reduce((count, field) => count + field.split(/\r\n|\n|\r/).length - 1, 0);
        rows.push({ fields, line: Math.max(firstLine - 1 + lines - innerLines, firstLine) });
        return null;
      },
    });
  } catch (error) {
    if (rows.length === 0) {
      const { code } = error as CsvError;
      return code === 'CSV_QUOTE_NOT_CLOSED'
        ? { kind: 'open', line: firstLine }
        : { kind: 'broken', line: firstLine, what: whatIsBroken(error as CsvError) };
    }
  }
  const [first, ...below] = rows;
  return first === undefined ? { kind: 'none' } : { kind: 'rows', rows: [first, ...below] };
}

/**
 * How many characters the blank lines at the beginning of a text are. A line that holds the delimiter is not blank, even a tab:
 * its empty fields are a row of a sheet.
 */
function blankStartLength(text: string, delimiter: string): number {
  const nonBlank = text.search(/\S/);
  const between = text.indexOf(delimiter);
  const first = Math.min(...[nonBlank, between].map((index) => (index === -1 ? text.length : index)));
  return Math.max(text.lastIndexOf('\n', first), text.lastIndexOf('\r', first)) + 1;
}

export function whatIsBroken(error: CsvError): string {
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

/** What a person can do where the structure of CSV is broken, beside fixing the file. */
export const QUOTE_STEP = 'If quotes are a part of the values and enclose nothing: --quote none';
