import type { CsvError, Options } from 'csv-parse';
import { parse } from 'csv-parse/sync';

/** A record longer than this is broken structure: most often a quote that is never closed. */
export const RECORD_CHARACTERS_MAX: number = 1024 * 1024;

/** How CSV is read, both for detection and for the rows. */
export function csvOptions(delimiter: string): Options {
  return {
    delimiter,
    // Otherwise the line end is guessed from the first line, and rows of a file with mixed line ends would merge silently.
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: RECORD_CHARACTERS_MAX,
  };
}

export type FirstRecord =
  | { readonly kind: 'fields'; readonly fields: readonly string[] }
  /** A quote is open where the text ends: more of it may close it. */
  | { readonly kind: 'open' }
  | { readonly kind: 'broken'; readonly what: string };

/** The first record of a text, blank lines before it passed over. */
export function firstRecord(text: string, delimiter: string): FirstRecord {
  try {
    const [fields = []] = parse(text.slice(blankStartLength(text, delimiter)), { ...csvOptions(delimiter), to: 1 });
    return { kind: 'fields', fields };
  } catch (error) {
    const { code } = error as CsvError;
    return code === 'CSV_QUOTE_NOT_CLOSED' ? { kind: 'open' } : { kind: 'broken', what: whatIsBroken(error as CsvError) };
  }
}

/**
 * How many characters the blank lines at the beginning of a text are. A line that holds the delimiter is not blank, even a tab:
 * its empty fields are a row to the reader, which would take it for the header that was found below it.
 */
export function blankStartLength(text: string, delimiter: string): number {
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
