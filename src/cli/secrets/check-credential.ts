import { usageError, type UserError } from '../../domain/errors.ts';

export type CredentialName = 'CLOUDFLARE_API_TOKEN' | 'CLOUDFLARE_EMAIL' | 'CLOUDFLARE_API_KEY';

/** What an HTTP header can carry without being cut or rewritten; a credential has no spaces either. */
const HEADER_SAFE = /^[\x21-\x7E]+$/;
const QUOTES = /["'`\u2018\u2019\u201C\u201D]/;
/** An e-mail address may hold an apostrophe, but neither at its beginning nor at its end. */
const QUOTES_OF_EMAIL = /["\u2018\u2019\u201C\u201D]|^['`]|['`]$/;

/** How Cloudflare's credentials begin since April 2026. Older ones have no such beginning, and no length is sure. */
const KINDS = [
  { prefix: 'cfk_', what: 'a global API key', of: 'CLOUDFLARE_API_KEY' },
  { prefix: 'cfut_', what: 'an API token', of: 'CLOUDFLARE_API_TOKEN' },
  { prefix: 'cfat_', what: 'an API token', of: 'CLOUDFLARE_API_TOKEN' },
] as const;

/**
 * Refuses what the API could only refuse, before anything is sent.
 *
 * @param given - the variable that holds it, or that names the file that does
 * @returns the credential
 * @throws UserError (exit 2) whose texts do not hold the value
 */
export function checkCredential(secret: string, name: CredentialName, given: string): string {
  if (secret === '') throw usageError('CREDENTIALS_EMPTY', `${given} holds nothing but white space`, `Set it, or unset ${given}`);
  const where = given === name ? name : `the file that ${given} names`;
  if ((name === 'CLOUDFLARE_EMAIL' ? QUOTES_OF_EMAIL : QUOTES).test(secret)) throw quotedError(secret, where);
  if (!HEADER_SAFE.test(secret)) {
    throw usageError(
      'CREDENTIALS_UNSAFE',
      `${where} holds a space, a control character or a character beyond ASCII, which no HTTP header can carry`,
      'It must hold the credential alone: no "Bearer", no quotes, one line',
    );
  }
  const kind = KINDS.find(({ prefix }) => secret.startsWith(prefix));
  if (kind !== undefined && kind.of !== name) throw otherKindError(kind, name, where, given === name ? '' : '_FILE');
  return secret;
}

function quotedError(secret: string, where: string): UserError {
  const isQuoted = secret.length > 1 && QUOTES.test(secret[0] ?? '') && QUOTES.test(secret.at(-1) ?? '');
  return usageError(
    'CREDENTIALS_QUOTED',
    isQuoted ? `${where} holds quotes around the credential` : `${where} holds a quote, which is no part of a credential`,
    isQuoted
      ? 'Take them out: docker --env-file and the like take a line of a .env file as it stands, with its quotes'
      : 'It must hold the credential alone: no "Bearer", no quotes, one line',
  );
}

function otherKindError(kind: (typeof KINDS)[number], name: CredentialName, where: string, suffix: '' | '_FILE'): UserError {
  const it = suffix === '' ? 'it' : 'that file';
  return usageError(
    'CREDENTIALS_KIND',
    `${where} holds ${kind.what} (${kind.prefix}…)`,
    kind.of === 'CLOUDFLARE_API_TOKEN'
      ? `Give ${it} as CLOUDFLARE_API_TOKEN${suffix}, and unset ${name}${suffix}`
      : `Give ${it} as CLOUDFLARE_API_KEY${suffix} with CLOUDFLARE_EMAIL, and unset ${name}${suffix}; or better create a token`,
  );
}
