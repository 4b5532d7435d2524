import { decoded } from '../cloudflare/sender.ts';
import { usageError } from '../domain/errors.ts';
import type { ApiOptions } from '../purge/options.ts';
import type { Env } from './option-values.ts';

/** The proxy variables, in either case; the lower one wins, as in curl. */
export function readProxy(env: Env): ApiOptions['proxy'] {
  return {
    httpProxy: proxyUrl('http_proxy', env),
    httpsProxy: proxyUrl('https_proxy', env),
    noProxy: variable('no_proxy', env),
  };
}

/** User and password of the proxies, spelt as given and decoded: secrets like the others. */
export function proxySecrets(proxy: ApiOptions['proxy']): readonly string[] {
  const urls = [proxy.httpProxy, proxy.httpsProxy].map((text) => (text === undefined ? null : URL.parse(text)));
  return urls.flatMap(urlSecrets);
}

/** User and password of a URL, spelt as given and decoded. */
export function urlSecrets(url: URL | null): readonly string[] {
  if (url === null) return [];
  if (url.password === '') return url.username === '' ? [] : [url.username, decoded(url.username)];
  return [`${url.username}:${url.password}`, url.password, decoded(url.password)];
}

function proxyUrl(name: string, env: Env): string | undefined {
  const text = variable(name, env);
  if (text === undefined) return undefined;
  // curl and its like take `proxy:3128` too.
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href;
  throw usageError('PROXY_URL', `${name.toUpperCase()} is not the URL of an http or https proxy`, 'Example: http://proxy.example:3128');
}

function variable(name: string, env: Env): string | undefined {
  const text = (env[name] ?? '').trim() || (env[name.toUpperCase()] ?? '').trim();
  return text === '' ? undefined : text;
}
