import { usageError } from '../../domain/errors.ts';

const CONTROL_CHARACTER = /\p{Cc}/u;
const ACCOUNT_ID = /^[0-9A-Fa-f]{32}$/;
/** What delivery URLs name the account by: `https://imagedelivery.net/<account hash>/…`. */
const ACCOUNT_HASH = /^[\w-]{22}$/;
const ACCOUNT_ID_PLACE = 'The dashboard shows the account ID beside its name, and in its address: dash.cloudflare.com/<account id>';

/** A parser of one of a few words. */
export function parseChoice<T extends string>(choices: readonly T[]): (text: string, label: string) => T {
  return (text, label) => {
    const word = text.trim();
    const choice = choices.find((candidate) => candidate === word);
    if (choice === undefined) {
      throw usageError('OPTION_VALUE', `${label} must be one of ${choices.join(', ')}; got ${JSON.stringify(text)}`);
    }
    return choice;
  };
}

/** A parser of several of a few words, comma-separated: `failed,rejected`. */
export function parseChoices<T extends string>(choices: readonly T[]): (text: string, label: string) => readonly T[] {
  const parseOne = parseChoice(choices);
  return (text, label) => [...new Set(text.split(',').map((word) => parseOne(word, label)))];
}

export function parseAccountId(text: string, label: string): string {
  const id = text.trim();
  if (ACCOUNT_HASH.test(id)) {
    throw usageError(
      'ACCOUNT_HASH',
      `${label} is the account hash of delivery URLs (22 characters), and not the account ID (32 hexadecimal digits)`,
      ACCOUNT_ID_PLACE,
    );
  }
  if (!ACCOUNT_ID.test(id)) throw usageError('OPTION_VALUE', `${label} must be 32 hexadecimal digits`, ACCOUNT_ID_PLACE);
  return id;
}

/** A path, or any other text that must not be empty. */
export function parseText(text: string, label: string): string {
  if (text === '') throw usageError('OPTION_VALUE', `${label} must not be empty`, 'Is a variable in the command line unset?');
  if (text.includes('\0')) throw usageError('OPTION_VALUE', `${label} must not hold a NUL character`);
  return text;
}

const NOTE_CHARACTERS_MAX = 500;

/** A line that a person writes for those who read it later. */
export function parseNote(text: string, label: string): string {
  const note = parseText(text, label).trim();
  if (CONTROL_CHARACTER.test(note)) throw usageError('OPTION_VALUE', `${label} must be one line, without control characters`);
  const length = Array.from(note).length;
  if (length > NOTE_CHARACTERS_MAX)
    throw usageError('OPTION_VALUE', `${label} may have ${NOTE_CHARACTERS_MAX} characters; it has ${length}`);
  return note;
}

/** A path to a file; `-` would be mistaken for a standard stream that this option does not read or write. */
export function parseFilePath(text: string, label: string): string {
  if (text === '-') throw usageError('OPTION_VALUE', `${label} must be a file: "-" has no meaning here`, 'A file of that name: ./-');
  return parseText(text, label);
}

/** One character; `tab` and `\t` because a tab is hard to type in a shell. */
export function parseDelimiter(text: string, label: string): string {
  const delimiter = text === 'tab' || text === String.raw`\t` ? '\t' : text;
  if (Array.from(delimiter).length !== 1 || /["\r\n]/.test(delimiter)) {
    throw usageError('OPTION_VALUE', `${label} must be one character, and no quote, got ${JSON.stringify(text)}`, 'Examples: "," ";" tab');
  }
  return delimiter;
}

/** What encloses fields: one character, or `none`. */
export function parseQuote(text: string, label: string): string {
  if (text !== 'none' && (text.length !== 1 || /[\s\w,;|]/.test(text))) {
    throw usageError('OPTION_VALUE', `${label} must be one character, or none, got ${JSON.stringify(text)}`, `Examples: '"' "'" none`);
  }
  return text;
}

/**
 * A pattern of IDs. One that can fit no ID would protect nothing, and is refused; white space around it is trimmed as it is around an
 * ID.
 */
export function parseIdGlob(text: string, label: string): string {
  const glob = parseText(text.trim(), label);
  if (/^https?:/i.test(glob)) {
    throw usageError(
      'OPTION_VALUE',
      `${label} must be a pattern of IDs, and no URL`,
      'Of a delivery URL: what stands between the account hash and the variant',
    );
  }
  if (CONTROL_CHARACTER.test(glob)) {
    throw usageError(
      'OPTION_VALUE',
      `${label} fits no ID: none holds a line break or another control character, got ${JSON.stringify(text)}`,
      'Give the option once for each pattern; a file of IDs and patterns: --exclude FILE',
    );
  }
  if (/^\/+$/.test(glob)) throw usageError('OPTION_VALUE', `${label} fits no ID, got ${JSON.stringify(text)}`, "Every ID: '**'");
  if (/^\/|\/$/.test(glob)) {
    const meant = glob.replace(/^\/+/, '').replace(/\/+$/, '/**');
    throw usageError(
      'OPTION_VALUE',
      `${label} fits no ID: none begins or ends with "/", got ${JSON.stringify(text)}`,
      `Everything in a folder: '${meant}'`,
    );
  }
  return glob;
}

const YES: readonly string[] = ['1', 'true', 'yes'];
const NO: readonly string[] = ['0', 'false', 'no'];

/** What an environment variable says for an option that takes no value. */
export function parseBoolean(text: string, label: string): boolean {
  const word = text.trim().toLowerCase();
  if (YES.includes(word)) return true;
  if (NO.includes(word)) return false;
  throw usageError('OPTION_VALUE', `${label} must be 1, true or yes, or 0, false or no; got ${JSON.stringify(text)}`);
}
