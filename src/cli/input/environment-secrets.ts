import { urlSecrets } from '../../text/url-secrets.ts';
import { envNameOf } from '../../options/option-spec.ts';
import type { Env } from '../../options/option-values.ts';
import { withScheme } from './proxy.ts';
import { QUOTA_REDIS } from './quota-redis.ts';

const SECRET_NAMES: readonly string[] = ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_API_KEY', 'CLOUDFLARE_EMAIL'];
const URL_NAMES: readonly string[] = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', envNameOf(QUOTA_REDIS)];

/** What no message may hold, even one about a command line that was never understood. */
export function environmentSecrets(env: Env): readonly string[] {
  const credentials = SECRET_NAMES.map((name) => (env[name] ?? '').trim());
  const passwords = URL_NAMES.flatMap((name) => urlSecrets(withScheme((env[name] ?? '').trim())));
  return [...credentials, ...passwords].filter((text) => text !== '');
}
