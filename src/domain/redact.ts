/** Takes every secret out of a text. */
export type Redact = (text: string) => string;

/** A shorter one could be part of any text by chance. */
const SECRET_CHARACTERS_MIN = 8;

/**
 * Finds secrets as they are and as JSON spells them, in upper and lower case, the longest first: one may begin with another.
 *
 * @param secrets - looked at anew once there are more of them: a run comes to hold batch tokens
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
  const spelt = [...secrets].filter(({ length }) => length >= SECRET_CHARACTERS_MIN).flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  if (spelt.length === 0) return undefined;
  const longestFirst = [...new Set(spelt)].toSorted((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((secret) => secret.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)).join('|'), 'gi');
}
