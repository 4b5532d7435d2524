import { createRedact, type Redact } from '../text/redact.ts';
import { urlSecrets } from '../text/url-secrets.ts';

/** Who asks: what goes into each request, and what of it must not come back. */
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
  // A proxy is sent its user and password, and one that is trusted to read the traffic may show them in a page of its own.
  return { headers: { 'user-agent': userAgent, ...authHeaders }, redact: createRedact(new Set([...proxySecrets(proxy), ...values])) };
}

/** What must not be shown of the proxies' URLs. */
export function proxySecrets({ httpProxy, httpsProxy }: ProxyUrls): readonly string[] {
  return [httpProxy, httpsProxy].flatMap(urlSecrets);
}
