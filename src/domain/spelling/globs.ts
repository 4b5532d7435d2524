/**
 * The patterns of `--exclude-id`, as a shell matches paths: `*`, `?` and `[a-z]` stand for no `/`, `**` stands for any characters, and a
 * folder `**` also for no folder at all. Patterns in exclude files are simpler: there `*` stands for `/` too (`wildcards.ts`).
 *
 * @module
 */
import { matchesOne, type OneToken, type Pattern, readSet } from './wildcards.ts';

type Token =
  | OneToken
  | { readonly kind: 'any-many' }
  | { readonly kind: 'in-folder' }
  /** What follows, so many tokens, may be left out. */
  | { readonly kind: 'optional'; readonly length: number };

export function parseGlob(text: string): Pattern {
  const tokens = tokensOf(Array.from(text));
  return { text, matches: (candidate) => matchesTokens(tokens, candidate) };
}

function tokensOf(characters: readonly string[]): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length;) {
    const character = characters[at] ?? '';
    if (character === '*') {
      let end = at;
      while (characters[end] === '*') end++;
      if (end - at > 1) {
        const isFolder = (at === 0 || characters[at - 1] === '/') && characters[end] === '/';
        // `a/**/b` is `a/b`, too.
        if (isFolder) tokens.push({ kind: 'optional', length: 2 });
        tokens.push({ kind: 'any-many' });
      } else tokens.push({ kind: 'in-folder' });
      at = end;
      continue;
    }
    const set = character === '[' ? readSet(characters, at) : undefined;
    tokens.push(set?.token ?? (character === '?' ? { kind: 'any-one' } : { kind: 'literal', character }));
    at = set?.end ?? at + 1;
  }
  return tokens;
}

/** Follows all ways through the pattern at once, so that none takes longer than its length times that of the text. */
function matchesTokens(tokens: readonly Token[], text: string): boolean {
  // 1 where a way has come to this token.
  let places = new Uint8Array(tokens.length + 1);
  let next = new Uint8Array(tokens.length + 1);
  places[0] = 1;
  addSkips(tokens, places);
  for (const character of text) {
    next.fill(0);
    tokens.forEach((token, place) => {
      if (places[place] === 1) addStep(next, token, place, character);
    });
    addSkips(tokens, next);
    [places, next] = [next, places];
  }
  return places[tokens.length] === 1;
}

function addStep(next: Uint8Array, token: Token, place: number, character: string): void {
  switch (token.kind) {
    case 'optional':
      return;
    case 'any-many':
      next[place] = 1;
      return;
    case 'in-folder':
      if (character !== '/') next[place] = 1;
      return;
    case 'literal':
    case 'any-one':
    case 'one-of':
      if (matchesOne(token, character) && (character !== '/' || token.kind === 'literal')) next[place + 1] = 1;
  }
}

/** Adds the places that are reached without a character. They lie further on, so that one walk finds them all. */
function addSkips(tokens: readonly Token[], places: Uint8Array): void {
  tokens.forEach((token, place) => {
    if (places[place] !== 1) return;
    if (token.kind === 'optional' || token.kind === 'any-many' || token.kind === 'in-folder') places[place + 1] = 1;
    if (token.kind === 'optional') places[place + 1 + token.length] = 1;
  });
}
