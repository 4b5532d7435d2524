/** Who asks: what goes into each request, and what of it must not come back. */
export interface Sender {
  readonly headers: Readonly<Record<string, string>>;
  /** Spelt plainly and as inside JSON. */
  readonly secrets: readonly string[];
}

/** A shorter one could be part of an envelope by chance, and cutting it out would change what an answer means. */
const SECRET_CHARACTERS_MIN = 8;

export function senderOf(userAgent: string, authHeaders: Readonly<Record<string, string>>): Sender {
  const values = Object.values(authHeaders).map((value) => value.replace(/^Bearer /, ''));
  const spelt = values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]);
  return { headers: { 'user-agent': userAgent, ...authHeaders }, secrets: [...new Set(spelt)].filter(({ length }) => length >= SECRET_CHARACTERS_MIN) };
}

/** API messages go to report, checkpoint and log as they are: one that repeats the credentials must not take them there. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => (shown.includes(secret) ? shown.replaceAll(secret, '[redacted]') : shown), text);
}
