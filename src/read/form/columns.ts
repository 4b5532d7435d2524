import { usageError, type UserError } from '../../domain/errors.ts';
import { escapeForTerminal } from '../../text/escape.ts';

/** Names an ID column goes by. */
export const KNOWN_COLUMNS: readonly string[] = ['id', 'image_id', 'imageId'];

export interface FoundColumn {
  readonly index: number;
  readonly name: string | undefined;
  readonly hasHeader: boolean;
}

/** Where the first row stands. */
interface HeaderPlace {
  readonly sourceName: string;
  readonly line: number;
}

/**
 * Finds the ID column from the first row.
 *
 * @param column - what `--column` says: digits are a 1-based position, anything else a header name
 */
export function findColumn(place: HeaderPlace, firstRow: readonly string[], column: string | undefined, noHeader: boolean): FoundColumn {
  const names = firstRow.map((name) => name.trim());
  const position = column !== undefined && /^\d+$/.test(column) ? Number(column) : undefined;
  const given = position === undefined ? column : undefined;
  const matches = names.flatMap((name, index) => ((given === undefined ? KNOWN_COLUMNS.includes(name) : name === given) ? [index] : []));
  const hasHeader = !noHeader && matches.length > 0;

  // A name in the next row would be taken for an ID, and the first of several columns for the ID column.
  if (isEmptyRow(names) && !noHeader) {
    throw usageError(
      'COLUMN_MISSING',
      `${place.sourceName}, line ${place.line}: its first row holds empty cells alone, ` +
        'so whether names follow cannot be told; nothing was sent.',
      'Remove that row, or say by --no-header that no names follow.',
    );
  }
  if (position !== undefined) {
    if (position < 1 || position > names.length) throw columnError('COLUMN_MISSING', place, names, `there is no column ${position}`);
    return { index: position - 1, name: hasHeader ? names[position - 1] : undefined, hasHeader };
  }
  if (given !== undefined && !hasHeader)
    throw columnError(
      'COLUMN_MISSING',
      place,
      names,
      noHeader ? `--column ${given} names a column, but --no-header says there are no names` : `there is no column ${given}`,
    );
  if (hasHeader) {
    const [only] = matches;
    if (matches.length > 1 || only === undefined)
      throw columnError('COLUMN_AMBIGUOUS', place, names, 'more than one column may hold the IDs');
    return { index: only, name: names[only], hasHeader };
  }
  if (names.length > 1)
    throw columnError(
      'COLUMN_MISSING',
      place,
      names,
      noHeader
        ? `it has ${names.length} columns, and --no-header says that none is named`
        : `none of its columns is named ${KNOWN_COLUMNS.join(', ')}`,
    );
  return { index: 0, name: undefined, hasHeader: false };
}

/** A row of empty cells, as a spreadsheet leaves it. Lines of white space were skipped before. */
export function isEmptyRow(fields: readonly string[]): boolean {
  return fields.every((field) => field.trim() === '');
}

const COLUMNS_SHOWN_MAX = 20;
const NAME_CHARACTERS_SHOWN = 40;

function columnError(code: string, { sourceName, line }: HeaderPlace, names: readonly string[], what: string): UserError {
  const list = names
    .slice(0, COLUMNS_SHOWN_MAX)
    .map((name, index) => `${index + 1} "${escapeForTerminal(name.slice(0, NAME_CHARACTERS_SHOWN))}"`);
  const more = names.length > COLUMNS_SHOWN_MAX ? `, and ${names.length - COLUMNS_SHOWN_MAX} more` : '';
  return usageError(
    code,
    `${sourceName}, line ${line}: ${what}; nothing was sent. Columns found: ${list.join(', ')}${more}.`,
    'Say which one holds the IDs: --column NAME, or --column N for its position.',
  );
}
