/**
 * What stands in lists beside IDs: noise that every export has, and the marks that people and programs put around a value.
 *
 * @module
 */

interface NoiseRow {
  /** What it is, as the reason of an error. */
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
const SHEET_ERROR_NAMES = 'N/A|REF!|VALUE!|NAME\\?|DIV/0!|NULL!|NUM!|ERROR!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|GETTING_DATA';
const SHEET_ERROR = new RegExp(`^#(?:${SHEET_ERROR_NAMES})$|^Err:\\d{3}$`, 'i');
/** A line of a table or under a heading: nothing but strokes, crossings and what stands between them. */
const RULER = /^(?=.*[-=_~*+\u2500-\u257f\u2010-\u2015].*[-=_~*+\u2500-\u257f\u2010-\u2015])[-=_~*+|:\s\u2500-\u257f\u2010-\u2015]+$/u;
const ROW_COUNT = /^\(?\d+ rows?(?: affected| in set| returned| selected)?\)?\.?(?: \(\d.*\))?$/i;
const LONE_MARK = /^(?:["'`,;|[\]{}()<>]|\[\]|\{\}|\],|\},|""|'')$/;

const NOISE_TABLE: readonly NoiseRow[] = [
  { reason: 'stands for an empty cell', is: (value) => value.length <= 9 && NULL_WORDS.has(value.toLowerCase()) },
  { reason: 'an error value of a spreadsheet', is: (value) => SHEET_ERROR.test(value) },
  { reason: 'a line drawn by a program', is: (value) => RULER.test(value) },
  { reason: 'a row count written by a program', is: (value) => ROW_COUNT.test(value) },
  { reason: 'a mark by itself', is: (value) => LONE_MARK.test(value) },
];

const QUOTES = `"'\`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a\u00ab\u00bb`;
const MARK_FIRST = new RegExp(`^[${QUOTES},;]`, 'u');
const MARK_LAST = new RegExp(`[${QUOTES},;]$`, 'u');
/** All marks that enclose or part values, at one end of a text. */
export const MARKS_FIRST: RegExp = new RegExp(String.raw`^[\s${QUOTES},;|[({<]+`, 'u');
export const MARKS_LAST: RegExp = new RegExp(String.raw`[\s${QUOTES},;|\])}>]+$`, 'u');
const BRACKETS = { '(': ')', '[': ']', '{': '}', '<': '>' } as const;
export const LIST_MARK: RegExp = /^(?:[-*+\u2022\u2023\u25e6\u2043\u2219\u00b7]|\(?\d{1,9}[.)]|\[[ xX]?\])\s+(?=\S)/u;
export const COUNT_BEFORE: RegExp = /^\d+\s+(?=\S)/;
/** What parts an ID from a remark. One space alone does not: `summer sale` is an ID. */
export const REMARK_BEHIND: RegExp = /\s+(?:#|\/\/|--|<-|;)(?:\s|\S).*$|\s{2,}\S.*$|\t.*$/su;
/** Names that accounts give their variants most often. */
const VARIANT_NAMES = 'public|thumbnail|thumb|original|avatar|preview|small|medium|large|square|icon|cover|banner';
/** `width=200,fit=cover` */
const FLEXIBLE_VARIANT = '[a-z]+(?:-[a-z]+)*=[^/,]+(?:,[a-z]+(?:-[a-z]+)*=[^/,]+)*';
export const VARIANT_ENDING: RegExp = new RegExp(`/(?:${VARIANT_NAMES}|${FLEXIBLE_VARIANT})$`, 'i');

/** Words and numbers of exports aside, an ID of these characters alone has nothing around it. */
const PLAIN = /^[a-z0-9][a-z0-9_-]{9,}$/;

/** Whether there is nothing to look at: a UUID or a long slug. */
export function isPlain(value: string): boolean {
  return PLAIN.test(value);
}

/** @param value - trimmed */
export function noiseOf(value: string): NoiseRow | undefined {
  return isPlain(value) ? undefined : NOISE_TABLE.find(({ is }) => is(value));
}

/** `hero (1)` is an ordinary name: a bracket counts where its other half is missing, or where the two enclose everything. */
export function hasMarkAtAnEnd(value: string): boolean {
  return MARK_FIRST.test(value) || MARK_LAST.test(value) || hasStrayBracket(value);
}

function hasStrayBracket(value: string): boolean {
  return Object.entries(BRACKETS).some(([open, close]) => {
    const isFirst = value.startsWith(open);
    const isLast = value.endsWith(close);
    if (isFirst && (isLast || !value.includes(close))) return true;
    return (isLast && !value.includes(open)) || value.endsWith(open) || value.startsWith(close);
  });
}
