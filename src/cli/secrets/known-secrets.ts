import { proxySecrets } from '../../cloudflare/sender.ts';
import type { Env } from '../../options/env.ts';
import { QUOTA_REDIS_ENV } from '../../options/parse/redis-url.ts';
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

/** Secrets that a run connects with, those from files too. `api` is `undefined` for a run that sends nothing. */
export function connectionSecrets(
  api: Pick<ApiOptions, 'credentials' | 'proxy'> | undefined,
  quotaRedisUrl: string | undefined,
): readonly string[] {
  const ownSecrets = api === undefined ? [] : [...secretsOf(api.credentials), ...proxySecrets(api.proxy)];
  return [...ownSecrets, ...urlSecrets(quotaRedisUrl)];
}
