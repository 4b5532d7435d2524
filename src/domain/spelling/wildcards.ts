/** Patterns of IDs as a shell writes them: `*` stands for any characters, `/` too, `?` for one, `[a-z]` and `[!a-z]` for one of a set. */

const WILDCARD = /[*?[]/;

/** What stands for one character. */
export type OneToken =
  | { readonly kind: 'any-one' }
  | { readonly kind: 'one-of'; readonly isNegated: boolean; readonly ranges: readonly (readonly [string, string])[] }
  | { readonly kind: 'literal'; readonly character: string };

type Token = OneToken | { readonly kind: 'any-many' };

export interface Pattern {
  readonly text: string;
  /** Takes at most the length of the pattern times that of the text. */
  readonly matches: (text: string) => boolean;
}

/** Whether a text is a pattern. A bracket without its other half is an ordinary character. */
export function isPattern(text: string): boolean {
  return WILDCARD.test(text) && tokensOf(text).some(({ kind }) => kind !== 'literal');
}

export function parsePattern(text: string): Pattern {
  const tokens = tokensOf(text);
  return { text, matches: (candidate) => matchesTokens(tokens, Array.from(candidate)) };
}

/** The characters before the first wildcard: every match begins with them. */
export function literalPrefix(text: string): string {
  const tokens = tokensOf(text);
  const end = tokens.findIndex(({ kind }) => kind !== 'literal');
  const literals = end === -1 ? tokens : tokens.slice(0, end);
  return literals.map((token) => (token.kind === 'literal' ? token.character : '')).join('');
}

function tokensOf(text: string): Token[] {
  const characters = Array.from(text);
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length;) {
    const character = characters[at] ?? '';
    const set = character === '[' ? readSet(characters, at) : undefined;
    if (set !== undefined) {
      tokens.push(set.token);
      at = set.end;
      continue;
    }
    at++;
    if (character === '*') {
      if (tokens.at(-1)?.kind !== 'any-many') tokens.push({ kind: 'any-many' });
    } else tokens.push(character === '?' ? { kind: 'any-one' } : { kind: 'literal', character });
  }
  return tokens;
}

/** `[abc]`, `[!a-z]`, `[]x]`; `undefined` where the bracket is never closed. */
export function readSet(characters: readonly string[], start: number): { readonly token: OneToken; readonly end: number } | undefined {
  const isNegated = characters[start + 1] === '!' || characters[start + 1] === '^';
  const first = start + (isNegated ? 2 : 1);
  const close = characters.indexOf(']', first + 1);
  if (close === -1) return undefined;
  const ranges: [string, string][] = [];
  for (let at = first; at < close; at++) {
    const from = characters[at] ?? '';
    const isRange = characters[at + 1] === '-' && at + 2 < close;
    ranges.push([from, isRange ? (characters[at + 2] ?? from) : from]);
    if (isRange) at += 2;
  }
  return { token: { kind: 'one-of', isNegated, ranges }, end: close + 1 };
}

/** Goes back to the last `*` alone, so that no pattern takes longer than its length times that of the text. */
function matchesTokens(tokens: readonly Token[], text: readonly string[]): boolean {
  let token = 0;
  let at = 0;
  let starToken = -1;
  let starAt = 0;
  while (at < text.length) {
    const expected = tokens[token];
    if (expected?.kind === 'any-many') {
      starToken = token++;
      starAt = at;
    } else if (expected !== undefined && matchesOne(expected, text[at] ?? '')) {
      token++;
      at++;
    } else if (starToken === -1) return false;
    else {
      token = starToken + 1;
      at = ++starAt;
    }
  }
  return tokens.slice(token).every(({ kind }) => kind === 'any-many');
}

export function matchesOne(token: OneToken, character: string): boolean {
  switch (token.kind) {
    case 'any-one':
      return true;
    case 'literal':
      return token.character === character;
    case 'one-of':
      return token.ranges.some(([from, to]) => character >= from && character <= to) !== token.isNegated;
  }
}
