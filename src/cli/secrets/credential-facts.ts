import type { CredentialFacts } from '../../check/findings.ts';
import type { Credentials } from '../../cloudflare/types.ts';
import type { Env } from '../../options/env.ts';

/** Prefixes since April 2026. Older credentials have none. */
const PREFIXES = { cfut_: 'user', cfat_: 'account', cfk_: undefined } as const;

/** What can be told of the credentials without their value. */
export function credentialFacts(credentials: Credentials, env: Env): CredentialFacts {
  const secret = credentials.kind === 'token' ? credentials.token : credentials.key;
  const prefix = (Object.keys(PREFIXES) as (keyof typeof PREFIXES)[]).find((known) => secret.startsWith(known));
  const from =
    credentials.kind === 'token'
      ? originOf('CLOUDFLARE_API_TOKEN', env)
      : `${originOf('CLOUDFLARE_EMAIL', env)} and ${originOf('CLOUDFLARE_API_KEY', env)}`;
  const owner = credentials.kind === 'token' && prefix !== undefined ? PREFIXES[prefix] : undefined;
  return { kind: credentials.kind, owner, prefix, from };
}

function originOf(name: string, env: Env): string {
  const path = env[`${name}_FILE`] ?? '';
  return (env[name] ?? '') === '' && path !== '' ? `${path} (${name}_FILE)` : name;
}
