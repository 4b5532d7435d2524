import { createOutsideRedact, type Redact } from '../text/redact.ts';
import { urlSecrets } from '../text/url-secrets.ts';

/** The headers of each request, and the secrets in them that must not be shown or kept. */
export interface Sender {
  readonly headers: Readonly<Record<string, string>>;
  readonly redact: Redact;
}

interface ProxyUrls {
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
}

export function senderOf(
  { userAgent, proxy }: { readonly userAgent: string; readonly proxy: ProxyUrls },
  authHeaders: Readonly<Record<string, string>>,
): Sender {
  const values = Object.values(authHeaders).map((value) => value.replace(/^Bearer /, ''));
  // A proxy receives its user and password, and may show them on an error page.
  const redact = createOutsideRedact(new Set([...proxySecrets(proxy), ...values]));
  // Cloudflare's edge answers a program in JSON only if it asks for that; otherwise it sends a page.
  return { headers: { accept: 'application/json', 'user-agent': userAgent, ...authHeaders }, redact };
}

/** The parts of the proxies' URLs that must not be shown. */
export function proxySecrets({ httpProxy, httpsProxy }: ProxyUrls): readonly string[] {
  return [httpProxy, httpsProxy].flatMap(urlSecrets);
}
