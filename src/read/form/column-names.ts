import { nearestTo } from '../../text/nearest.ts';

/** Names an ID column goes by; compared without case, spaces, `_` and `-`. */
export const KNOWN_COLUMNS: readonly string[] = ['id', 'image_id', 'cloudflare_image_id', 'cf_image_id', 'cloudflare_id'];

const KNOWN: ReadonlySet<string> = new Set(KNOWN_COLUMNS.map(plainName));
/** Longer than any known name with what may stand between its letters. */
const NAME_CHARACTERS_MAX = 64;

/** A glance, for values by the million. */
const MAY_BE_KNOWN = /^[\s_-]*[ci][a-z\s_-]*d[\s_-]*$/i;

export function isKnownColumn(name: string): boolean {
  return name.length <= NAME_CHARACTERS_MAX && MAY_BE_KNOWN.test(name) && KNOWN.has(plainName(name));
}

/** The name that `--column` gives; `undefined` where it gives a position, or nothing. */
export function givenName(column: string | undefined): string | undefined {
  return column === undefined || /^\d+$/.test(column) ? undefined : column;
}

/** Which of the names are meant: by `--column` exactly, or else without case; without it the known ones. */
export function meantNames(names: readonly string[], given: string | undefined): readonly number[] {
  const indexes = (isMeant: (name: string) => boolean): number[] => names.flatMap((name, index) => (isMeant(name.trim()) ? [index] : []));
  if (given === undefined) return indexes(isKnownColumn);
  const exact = indexes((name) => name === given);
  return exact.length > 0 ? exact : indexes((name) => name.toLowerCase() === given.toLowerCase());
}

/** The name that a misspelt `--column` most likely means. None is guessed at where no name is given: it may hold IDs of anything. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  return nearestTo(given, names, plainName);
}

/** As column names are compared. */
export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]+/g, '');
}

/** Whether it is a word as columns are named: letters, and what may stand between them. */
export function isBareWord(text: string): boolean {
  return /^\p{L}[\p{L}\p{M}_ -]*$/u.test(text.trim());
}
