/**
 * What stands in lists beside IDs, and is nobody's image: every export has some of it.
 *
 * @module
 */

export interface Noise {
  /** What it is, as the reason of a rejected row. */
  readonly reason: string;
  readonly is: (value: string) => boolean;
}

const NULL_WORDS: ReadonlySet<string> = new Set([
  'null',
  'nil',
  'none',
  'undefined',
  'nan',
  String.raw`\n`,
  '(null)',
  '<null>',
  '[null]',
  'n/a',
]);
const NULL_WORD_CHARACTERS_MAX = 9;
const SHEET_ERROR_NAMES = 'N/A|REF!|VALUE!|NAME\\?|DIV/0!|NULL!|NUM!|ERROR!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|GETTING_DATA';
const SHEET_ERROR = new RegExp(`^#(?:${SHEET_ERROR_NAMES})$|^Err:\\d{3}$`, 'i');
/** A line of a table or under a heading: nothing but strokes, crossings and what stands between them. */
const RULER = /^(?=.*[-=_~*+\u2500-\u257f\u2010-\u2015].*[-=_~*+\u2500-\u257f\u2010-\u2015])[-=_~*+|:\s\u2500-\u257f\u2010-\u2015]+$/u;
const ROW_COUNT = /^\(?\d+ rows?(?: affected| in set| returned| selected)?\)?\.?(?: \(\d.*\))?$/i;
const LONE_MARK = /^(?:["'`,;|[\]{}()<>\u2018-\u201f\u00ab\u00bb]|\[\]|\{\}|\],|\},|""|'')$/;

/** The rows of docs/lists.md are written of this table. */
export const NOISE: readonly (Noise & { readonly examples: readonly string[] })[] = [
  {
    reason: 'stands for an empty cell',
    examples: ['NULL', 'null', 'nil', 'None', 'undefined', 'NaN', String.raw`\N`, '(null)', 'n/a'],
    is: (value) => value.length <= NULL_WORD_CHARACTERS_MAX && NULL_WORDS.has(value.toLowerCase()),
  },
  { reason: 'an error value of a spreadsheet', examples: ['#N/A', '#REF!', '#DIV/0!', 'Err:508'], is: (value) => SHEET_ERROR.test(value) },
  { reason: 'a line drawn by a program', examples: ['---', '+--+', '======'], is: (value) => RULER.test(value) },
  { reason: 'a row count written by a program', examples: ['(2 rows)', '3 rows in set (0.01 sec)'], is: (value) => ROW_COUNT.test(value) },
  { reason: 'a mark by itself', examples: ['"', ']', ','], is: (value) => LONE_MARK.test(value) },
];

/** A word, a name of a file or a UUID: of these only the words for nothing are noise. */
const BEGINS_PLAINLY = /^[a-z][\w./-]*$/i;

/** @param value - trimmed */
export function noiseOf(value: string): Noise | undefined {
  if (value.length > NULL_WORD_CHARACTERS_MAX && BEGINS_PLAINLY.test(value)) return undefined;
  return NOISE.find(({ is }) => is(value));
}
