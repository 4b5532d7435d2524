/** Who asks: what goes into each request, and what of it must not come back. */
export interface Sender {
  readonly headers: Readonly<Record<string, string>>;
  /** Spelt plainly and as inside JSON. */
  readonly secrets: readonly string[];
}

interface ProxyUrls {
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
}

/** A shorter one could be part of an envelope by chance, and cutting it out would change what an answer means. */
const SECRET_CHARACTERS_MIN = 8;

export function senderOf({ userAgent, proxy }: { readonly userAgent: string; readonly proxy: ProxyUrls }, authHeaders: Readonly<Record<string, string>>): Sender {
  const values = Object.values(authHeaders).map((value) => value.replace(/^Bearer /, ''));
  const spelt = values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]);
  return { headers: { 'user-agent': userAgent, ...authHeaders }, secrets: [...new Set([...secretsOfProxies(proxy), ...spelt])].filter(({ length }) => length >= SECRET_CHARACTERS_MIN) };
}

/** A proxy is sent its password too, and may repeat it in a page of its own: plain, and as its header spells it. */
function secretsOfProxies({ httpProxy, httpsProxy }: ProxyUrls): readonly string[] {
  const urls = [httpProxy, httpsProxy].flatMap((text) => URL.parse(text ?? '') ?? []);
  return urls.flatMap(({ username, password }) => {
    const [user, secret] = [decoded(username), decoded(password)];
    return [Buffer.from(`${user}:${secret}`).toString('base64'), password, secret];
  });
}

/** A part of a URL without its escapes. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A lone `%` is no escape: the text is then its own only spelling.
  }
}

/** API messages go to report, checkpoint and log as they are: one that repeats the credentials must not take them there. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => (shown.includes(secret) ? shown.replaceAll(secret, '[redacted]') : shown), text);
}
