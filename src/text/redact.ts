/** Takes every secret out of a text. */
export type Redact = (text: string) => string;

/** A shorter one could be part of any text by chance. */
const SECRET_CHARACTERS_MIN = 8;

/** A secret of so many characters is looked for as a whole word, unless it is an ordinary word or number: an e-mail address, `s3cret`. */
const WORD_CHARACTERS_MIN = 4;

/** Never redacted: every suggested command begins with it, and a user of a proxy or Redis may have the same name. */
const OWN_NAME = 'images-purge';

/**
 * Spelled like a key or a token of Cloudflare's, or like a JWT. No part of it can be read twice from another beginning, so that a long
 * text of beginnings costs no more than any other.
 */
const TOKEN_SPELLING = /cf(?:k|ut|at)_[\w-]{4,}|eyJ(?:(?!eyJ)[\w-])+\.[\w-]*\.[\w-]*(?:\.[\w-]+){0,2}/g;

/**
 * Takes whatever is spelled like a token out of a text from outside, no matter whose it is. Never apply it to a text of our own that names
 * images: an ID may be spelled so too.
 */
export function redactTokens(text: string): string {
  // A header of each answer is looked at, and holds neither.
  return text.includes('cf') || text.includes('eyJ') ? text.replace(TOKEN_SPELLING, '[redacted]') : text;
}

/** For texts from outside: these secrets, and whatever is spelled like a token. */
export function createOutsideRedact(secrets: ReadonlySet<string>): Redact {
  const redact = createRedact(secrets);
  return (text) => redactTokens(redact(text));
}

/**
 * Finds secrets as they are, as JSON spells them and in base64, in upper and lower case, the longest first: one may begin with another.
 *
 * @param secrets - read again once there are more of them: a run receives batch tokens
 */
export function createRedact(secrets: ReadonlySet<string>): Redact {
  let knownCount = secrets.size;
  let pattern = patternOf(secrets);
  return (text) => {
    if (secrets.size !== knownCount) {
      knownCount = secrets.size;
      pattern = patternOf(secrets);
    }
    return pattern === undefined ? text : text.replace(pattern, '[redacted]');
  };
}

function patternOf(secrets: ReadonlySet<string>): RegExp | undefined {
  const sought = [...secrets].filter(
    (secret) => secret.toLowerCase() !== OWN_NAME && (secret.length >= SECRET_CHARACTERS_MIN || isTelling(secret)),
  );
  if (sought.length === 0) return undefined;
  const spelt = new Set(sought.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]));
  const plain = [...spelt].map((text) => ({ length: text.length, pattern: patternOfOne(text) }));
  // The longest first: a short secret could be found in the middle of a longer one's base64, or of a secret that is base64 itself, and
  // the rest would remain.
  const longestFirst = [...sought.flatMap(patternsInBase64), ...plain].toSorted((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map(({ pattern }) => pattern).join('|'), 'gi');
}

/**
 * The secret in base64 or base64url, alone or inside a longer text (`email:key`). Its spelling depends on where in a group of three
 * bytes it begins. A character at either end that is shared with what stands beside it is left: it tells four bits at most.
 */
function patternsInBase64(secret: string): { readonly length: number; readonly pattern: string }[] {
  if (secret.length < SECRET_CHARACTERS_MIN) return [];
  const bytes = Buffer.from(secret);
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64url');
    const endsWhole = (offset + bytes.length) % 3 === 0;
    const own = encoded.slice(offset === 0 ? 0 : offset + 1, endsWhole ? undefined : -1);
    return { length: own.length, pattern: own.replaceAll('-', '[-+]').replaceAll('_', '[_/]') };
  });
}

function isTelling(secret: string): boolean {
  return secret.length >= WORD_CHARACTERS_MIN && /\p{L}/u.test(secret) && /[^\p{L}]/u.test(secret);
}

function patternOfOne(spelt: string): string {
  const escaped = spelt.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  return spelt.length >= SECRET_CHARACTERS_MIN ? escaped : String.raw`(?<![\w-])${escaped}(?![\w-])`;
}
