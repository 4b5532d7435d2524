import type { Env } from './option-values.ts';

const SECRET_NAMES: readonly string[] = ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_API_KEY', 'CLOUDFLARE_EMAIL'];
const PROXY_NAMES: readonly string[] = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];

/** What no message may hold, even one about a command line that was never understood. */
export function environmentSecrets(env: Env): readonly string[] {
  const credentials = SECRET_NAMES.map((name) => (env[name] ?? '').trim());
  const passwords = PROXY_NAMES.map((name) => URL.parse(env[name] ?? '')?.password ?? '');
  return [...credentials, ...passwords].filter((text) => text !== '');
}
