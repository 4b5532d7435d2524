/**
 * The marks that people and programs put around a value.
 *
 * @module
 */

const QUOTES = `"'\`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a\u00ab\u00bb`;
const MARK_FIRST = new RegExp(`^[${QUOTES},;]`, 'u');
const MARK_LAST = new RegExp(`[${QUOTES},;]$`, 'u');
const ENCLOSING_FIRST = String.raw`[\s${QUOTES},;|[({<]`;
const ENCLOSING_LAST = String.raw`[\s${QUOTES},;|\])}>]`;
/** All marks that enclose or part values, at one end of a text, and the outermost one of them. */
export const MARKS_FIRST: RegExp = new RegExp(`^${ENCLOSING_FIRST}+`, 'u');
export const MARKS_LAST: RegExp = new RegExp(`${ENCLOSING_LAST}+$`, 'u');
export const OUTER_MARK_FIRST: RegExp = new RegExp(`^${ENCLOSING_FIRST}`, 'u');
export const OUTER_MARK_LAST: RegExp = new RegExp(`${ENCLOSING_LAST}$`, 'u');
const BRACKETS = { '(': ')', '[': ']', '{': '}', '<': '>' } as const;
export const LIST_MARK: RegExp = /^(?:[-*+\u2022\u2023\u25e6\u2043\u2219\u00b7]|\(?\d{1,9}[.)]|\[[ xX]?\])\s+(?=\S)/u;
export const COUNT_BEFORE: RegExp = /^\d+\s+(?=\S)/;
/** The places where a remark may begin. */
export const REMARK_BEGINS: RegExp = /\s+(?:#|\/\/|--|<-|;)|\s{2,}(?=\S)|\t/gu;
/** What parts an ID from a remark. One space alone does not: `summer sale` is an ID. */
export const REMARK_BEHIND: RegExp = /\s+(?:#|\/\/|--|<-|;)(?:\s|\S).*$|\s{2,}\S.*$|\t.*$/su;
/** Names that accounts give their variants most often. */
const VARIANT_NAMES = 'public|thumbnail|thumb|original|avatar|preview|small|medium|large|square|icon|cover|banner';
/** `width=200,fit=cover` */
const FLEXIBLE_VARIANT = '[a-z]+(?:-[a-z]+)*=[^/,]+(?:,[a-z]+(?:-[a-z]+)*=[^/,]+)*';
export const VARIANT_ENDING: RegExp = new RegExp(`/(?:${VARIANT_NAMES}|${FLEXIBLE_VARIANT})$`, 'i');

/** Whether the last part of a delivery URL can be nothing else than a variant. */
export function isKnownVariant(part: string): boolean {
  return VARIANT_ENDING.test(`/${part}`);
}

/** Words and numbers of exports aside, an ID of these characters alone has nothing around it. */
const PLAIN = /^[a-z0-9][a-z0-9_-]{9,}$/;

/** Whether there is nothing to look at: a UUID or a long slug. */
export function isPlain(value: string): boolean {
  return PLAIN.test(value);
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
