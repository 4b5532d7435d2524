import { proxySecrets } from '../../cloudflare/sender.ts';
import type { Env } from '../../options/env.ts';
import { QUOTA_REDIS_ENV, QUOTA_REDIS_FILE_ENV } from '../../options/parse/redis-url.ts';
import type { ApiOptions } from '../../run/run-options.ts';
import { urlSecrets } from '../../text/url-secrets.ts';
import { secretsOf } from './credentials.ts';
import { withScheme } from './proxy.ts';

const SECRET_NAMES: readonly string[] = ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_API_KEY', 'CLOUDFLARE_EMAIL'];
const URL_NAMES: readonly string[] = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', QUOTA_REDIS_ENV];

/** Secrets in the environment. No message may hold them, not even one about a command line that was never understood. */
export function environmentSecrets(env: Env): readonly string[] {
  const credentials = SECRET_NAMES.map((name) => (env[name] ?? '').trim());
  const passwords = URL_NAMES.flatMap((name) => urlSecrets(withScheme((env[name] ?? '').trim())));
  return [...credentials, ...passwords].filter((text) => text !== '');
}

/** The environment for a program of somebody else: without credentials, the files that hold them, and URLs with passwords. */
export function environmentWithoutSecrets(env: Env): Env {
  const names = [...SECRET_NAMES.flatMap((name) => [name, `${name}_FILE`]), QUOTA_REDIS_ENV, QUOTA_REDIS_FILE_ENV];
  const isSecret = (name: string, value: string): boolean =>
    names.includes(name) || (URL_NAMES.includes(name) && urlSecrets(withScheme(value.trim())).length > 0);
  return Object.fromEntries(Object.entries(env).filter(([name, value = '']) => !isSecret(name, value)));
}

/** Secrets that a run connects with, those from files too. `api` is `undefined` for a run that sends nothing. */
export function connectionSecrets(
  api: Pick<ApiOptions, 'credentials' | 'proxy'> | undefined,
  quotaRedisUrl: string | undefined,
): readonly string[] {
  const ownSecrets = api === undefined ? [] : [...secretsOf(api.credentials), ...proxySecrets(api.proxy)];
  return [...ownSecrets, ...urlSecrets(quotaRedisUrl)];
}
