import { Tokenizer, TokenType } from '@streamparser/json';

/**
 * The first of the keys that an object gives more than once: `JSON.parse` takes the last of its values, other programs the first.
 *
 * @param text - one JSON object, known to be valid
 */
export function repeatedKey(text: string, keys: readonly string[]): string | undefined {
  // Nearly no object has two; a key may be written with escapes.
  if (!text.includes('\\u') && !keys.some((key) => isThereTwice(text, JSON.stringify(key)))) return undefined;
  const seen = new Set<string>();
  let found: string | undefined;
  let depth = 0;
  let last: unknown;
  const tokenizer = new Tokenizer();
  tokenizer.onToken = ({ token, value }) => {
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) depth++;
    else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) depth--;
    else if (token === TokenType.COLON && depth === 1 && keys.includes(String(last))) {
      if (seen.has(String(last))) found ??= String(last);
      seen.add(String(last));
    }
    last = value;
  };
  tokenizer.write(text);
  return found;
}

function isThereTwice(text: string, part: string): boolean {
  const at = text.indexOf(part);
  return at !== -1 && text.includes(part, at + part.length);
}
