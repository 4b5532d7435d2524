import { columnError, headerInDoubt, orMeant, shown } from './column-errors.ts';
import { givenName, isBareWord, nearestName, plainName } from './column-names.ts';
import { isUuid } from './uuid.ts';

/** What stands alone on a line of the source's beginning. */
export interface HeadValue {
  readonly value: string;
  readonly line: number;
}

/** Lines that hold neither a known name nor the given one: the first of them may be a name all the same. */
export function refuseNameAboveLines(sourceName: string, values: readonly HeadValue[], column: string | undefined): void {
  const given = givenName(column);
  if (given !== undefined) refuseOtherName(sourceName, values, given);
  else if (column === undefined) refuseWordAboveUuids(sourceName, values);
}

/** At least so many UUIDs, and nothing else, below one word: is it a name, or the only image with a name of its own? */
const UUIDS_BELOW_MIN = 10;

export function refuseWordAboveUuids(sourceName: string, [first, ...below]: readonly HeadValue[]): void {
  if (first === undefined || below.length < UUIDS_BELOW_MIN || !isBareWord(first.value)) return;
  if (below.every(({ value }) => isUuid(value)))
    throw headerInDoubt(sourceName, first.line, `"${shown(first.value)}" stands above UUIDs alone`);
}

/**
 * The name that `--column` gives is not there, but nearly, or a word stands above lines of which none is a word. Else no column is named,
 * and each line is an ID, as without the option.
 */
function refuseOtherName(sourceName: string, [first, ...below]: readonly HeadValue[], given: string): void {
  if (first === undefined) return;
  const name = first.value.trim();
  // `img-12` is two letters from `imgid`, and an ID: what has digits must be the same but for case, spaces, `_` and `-`.
  const isNear = isBareWord(name) ? nearestName(given, [name]) !== undefined : plainName(name) === plainName(given);
  if (!isNear && !isWordAlone(name, below)) return;
  const what = `there is no column ${given}${orMeant(isNear ? name : undefined)}`;
  throw columnError('COLUMN_MISSING', sourceName, { fields: [first.value], line: first.line }, what);
}

function isWordAlone(name: string, below: readonly HeadValue[]): boolean {
  return isBareWord(name) && below.length > 0 && below.every(({ value }) => !isBareWord(value));
}
