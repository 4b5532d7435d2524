import { createRedact, type Redact } from '../domain/redact.ts';

/** Who asks: what goes into each request, and what of it must not come back. */
export interface Sender {
  readonly headers: Readonly<Record<string, string>>;
  readonly redact: Redact;
}

interface ProxyUrls {
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
}

export function senderOf({ userAgent, proxy }: { readonly userAgent: string; readonly proxy: ProxyUrls }, authHeaders: Readonly<Record<string, string>>): Sender {
  const values = Object.values(authHeaders).map((value) => value.replace(/^Bearer /, ''));
  return { headers: { 'user-agent': userAgent, ...authHeaders }, redact: createRedact(new Set([...secretsOfProxies(proxy), ...values])) };
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
