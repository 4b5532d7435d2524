import { usageError, type UserError } from '../../domain/errors.ts';
import { columnError, headerInDoubt, type HeadRow, orMeant, shown } from './column-errors.ts';
import { givenName, isKnownColumn, KNOWN_COLUMNS, meantNames, nearestName, plainName } from './column-names.ts';
import { refuseWordAboveUuids } from './name-above-lines.ts';
import { isUuid } from './uuid.ts';

export interface FoundColumn {
  readonly index: number;
  readonly name: string | undefined;
  readonly hasHeader: boolean;
}

export interface ColumnOptions {
  /** What `--column` says: digits are a 1-based position, anything else a header name. */
  readonly column: string | undefined;
  readonly noHeader: boolean;
}

/** A row of empty cells, as a spreadsheet leaves it. Lines of white space were skipped before. */
export function isEmptyRow(fields: readonly string[]): boolean {
  return fields.every((field) => field.trim() === '');
}

/** How far below the first row a header is looked for: below a title, or what a program writes above its table. */
const LINES_BELOW = 9;

/**
 * Finds the ID column from the first rows. Where they leave in doubt which it is, or whether the first row names the columns, it throws
 * (exit 2): a name would be taken for an ID, or an ID for a name.
 */
export function findColumn(sourceName: string, rows: readonly [HeadRow, ...HeadRow[]], options: ColumnOptions): FoundColumn {
  const [first, ...below] = rows;
  const names = first.fields.map((name) => name.trim());
  const given = givenName(options.column);
  const position = options.column === undefined || given !== undefined ? undefined : Number(options.column);
  const matches = meantNames(names, given);
  const hasHeader = !options.noHeader && matches.length > 0;
  const fail = (code: string, what: string): UserError => columnError(code, sourceName, first, what);

  if (!options.noHeader) {
    if (!hasHeader) refuseHeaderBelow(sourceName, first, below, given);
    if (hasHeader && given === undefined) refuseDoubtfulHeader(sourceName, first, below, matches);
  }
  if (position !== undefined) {
    if (position < 1 || position > names.length) throw fail('COLUMN_MISSING', `there is no column ${position}`);
    return { index: position - 1, name: hasHeader ? names[position - 1] : undefined, hasHeader };
  }
  if (given !== undefined && !hasHeader) {
    const isSaid = options.noHeader
      ? `--column ${given} names a column, but --no-header says there are no names`
      : `there is no column ${given}${orMeant(nearestName(given, names))}`;
    throw fail('COLUMN_MISSING', isSaid);
  }
  if (hasHeader) {
    const [only] = matches;
    if (matches.length > 1 || only === undefined) throw fail('COLUMN_AMBIGUOUS', 'more than one column may hold the IDs');
    const telling = given === undefined ? tellingNeighbour(names, only, below) : undefined;
    if (telling !== undefined)
      throw fail('COLUMN_AMBIGUOUS', `"${shown(names[only] ?? '')}" holds numbers, and "${shown(telling)}" may be it`);
    return { index: only, name: names[only], hasHeader };
  }
  const columnCount = Math.max(...rows.map(({ fields }) => usedCount(fields)));
  if (columnCount > 1) {
    const isSaid = options.noHeader
      ? `it has ${columnCount} columns, and --no-header says that none is named`
      : `none of its columns has a known name (${KNOWN_COLUMNS.join(', ')})`;
    throw fail('COLUMN_MISSING', isSaid);
  }
  if (!options.noHeader)
    refuseWordAboveUuids(
      sourceName,
      rows.map(({ fields: [value = ''], line }) => ({ value, line })),
    );
  return { index: 0, name: undefined, hasHeader: false };
}

/** Part of the name of a column that speaks of images. */
const OF_IMAGES = /image|img|picture|photo|^cf|cloudflare/;

/** A table of a database has numbers under `id`, and may have the images' IDs under a name of its own. */
function tellingNeighbour(names: readonly string[], idColumn: number, rows: readonly HeadRow[]): string | undefined {
  if (plainName(names[idColumn] ?? '') !== 'id') return undefined;
  const values = rows.map(({ fields }) => fields[idColumn] ?? '').filter((value) => value.trim() !== '');
  if (values.length === 0 || !values.every(isNumber)) return undefined;
  return names.find((name, column) => column !== idColumn && OF_IMAGES.test(plainName(name)));
}

/** How many cells there are when empty ones at the end are left out. */
function usedCount(fields: readonly string[]): number {
  return fields.findLastIndex((field) => field.trim() !== '') + 1;
}

function refuseHeaderBelow(sourceName: string, first: HeadRow, below: readonly HeadRow[], given: string | undefined): void {
  const header = below.find(({ fields, line }) => line <= first.line + LINES_BELOW && meantNames(fields, given).length > 0);
  if (header === undefined) return;
  throw usageError(
    'HEADER_BELOW',
    `${sourceName}, line ${header.line}: the columns are named here, but ${linesAbove(header.line - 1)} above; nothing was sent.`,
    `If they are no IDs, pass over them: --skip-lines ${header.line - 1}`,
    'If there are no names at all: --no-header, or --format lines where each line is an ID.',
  );
}

function linesAbove(count: number): string {
  return count === 1 ? 'a line stands' : `${count} lines stand`;
}

/** A known name may be a value of a list without names: then its other cells are like those below them. */
function refuseDoubtfulHeader(sourceName: string, first: HeadRow, below: readonly HeadRow[], matches: readonly number[]): void {
  const rows = below.filter(({ fields }) => !isEmptyRow(fields) && !isSameRow(fields, first.fields));
  if (rows.length === 0) return;
  const again = rows.find(({ fields }) => matches.some((column) => isKnownColumn(fields[column] ?? '')));
  if (again !== undefined) throw headerInDoubt(sourceName, first.line, `line ${again.line} has such a name in the same column`);
  const index = first.fields.findIndex((cell, column) =>
    isLikeEach(
      cell,
      rows.map(({ fields }) => fields[column] ?? ''),
    ),
  );
  if (index !== -1) throw headerInDoubt(sourceName, first.line, `its cell "${shown(first.fields[index] ?? '')}" is like those below it`);
  const [second] = rows;
  if (matches.some((column) => column > 0 && isLocalePair(first.fields[column], second?.fields[column])))
    throw headerInDoubt(sourceName, first.line, `line ${second?.line} has two letters in the same column, too`);
}

/** What the cells of a column may be alike. */
const VALUE_KINDS: readonly ((value: string) => boolean)[] = [
  isNumber,
  isUuid,
  (value) => /^\d{4}-\d\d-\d\d/.test(value),
  (value) => /^https?:\/\//i.test(value),
  (value) => /[^.]\.[a-z0-9]{2,4}$/i.test(value) && !value.includes(' '),
];

/** Whether a cell is of a kind with all of those below it, or differs from them in its digits alone: `img-1` above `img-2`. */
function isLikeEach(cell: string, below: readonly string[]): boolean {
  const withoutNumbers = (value: string): string => value.trim().replaceAll(/\d+/g, '0');
  const cells = [cell, ...below].map((value) => value.trim());
  if (VALUE_KINDS.some((isOfKind) => cells.every(isOfKind))) return true;
  return /\d/.test(cell) && below.every((value) => withoutNumbers(value) === withoutNumbers(cell));
}

/** `id` is the Indonesian language, and `ID` Indonesia or Idaho: above `en` or `CA`, behind another column, it may be a value. */
function isLocalePair(name: string | undefined, below: string | undefined): boolean {
  return name?.trim().length === 2 && /^[a-z]{2}(?:[-_][a-z]{2,4})?$/i.test(below?.trim() ?? '');
}

export function isSameRow(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((field, index) => field.trim() === other[index]?.trim());
}

function isNumber(value: string): boolean {
  return /^[+-]?\d+(?:[.,]\d+)?$/.test(value.trim());
}
