import { usageError } from '../../domain/errors.ts';
import type { ApiOptions } from '../../run/run-options.ts';
import type { Env } from '../../options/env.ts';

/** The proxy variables, in either case; the lower one wins, as in curl. */
export function readProxy(env: Env): ApiOptions['proxy'] {
  return {
    httpProxy: proxyUrl('http_proxy', env),
    httpsProxy: proxyUrl('https_proxy', env),
    noProxy: variable('no_proxy', env),
  };
}

/** curl and its like take `proxy:3128` too. */
export function withScheme(text: string): string {
  return text.includes('://') ? text : `http://${text}`;
}

function proxyUrl(name: string, env: Env): string | undefined {
  const text = variable(name, env);
  if (text === undefined) return undefined;
  const url = URL.parse(withScheme(text));
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href;
  throw usageError('PROXY_URL', `${name.toUpperCase()} is not the URL of an http or https proxy`, 'Example: http://proxy.example:3128');
}

function variable(name: string, env: Env): string | undefined {
  const text = (env[name] ?? '').trim() || (env[name.toUpperCase()] ?? '').trim();
  return text === '' ? undefined : text;
}
