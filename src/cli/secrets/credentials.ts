import type { Credentials } from '../../cloudflare/types.ts';
import { usageError } from '../../domain/errors.ts';
import { errnoText } from '../texts/error-text.ts';
import { checkCredential, type CredentialName } from './check-credential.ts';
import type { Env } from '../../options/env.ts';

/** Reads a small file as text; a parameter, so that nothing here touches the disk by itself. */
export type ReadTextFile = (path: string) => string;

/**
 * The credentials that the environment holds; a token wins over an email with its key.
 *
 * @throws UserError (exit 2) where there are none or they cannot be used; no message holds a value
 */
export function readCredentials(env: Env, readTextFile: ReadTextFile): Credentials {
  const token = secretOf('CLOUDFLARE_API_TOKEN', env, readTextFile);
  if (token !== undefined) return { kind: 'token', token };

  const email = secretOf('CLOUDFLARE_EMAIL', env, readTextFile);
  const key = secretOf('CLOUDFLARE_API_KEY', env, readTextFile);
  if (email !== undefined && key !== undefined) return { kind: 'key', email, key };
  if (email !== undefined || key !== undefined) {
    const [given, missing] = key === undefined ? ['CLOUDFLARE_EMAIL', 'CLOUDFLARE_API_KEY'] : ['CLOUDFLARE_API_KEY', 'CLOUDFLARE_EMAIL'];
    throw usageError(
      'CREDENTIALS_MISSING',
      `${given} is set but ${missing} is not`,
      `Set ${missing} too, or better a token: CLOUDFLARE_API_TOKEN`,
    );
  }
  throw usageError(
    'CREDENTIALS_MISSING',
    'there are no credentials: CLOUDFLARE_API_TOKEN is not set',
    'Create a token with Account → Images → Edit at https://dash.cloudflare.com/profile/api-tokens',
    'and set CLOUDFLARE_API_TOKEN, or CLOUDFLARE_API_TOKEN_FILE to the path of a file that holds it',
  );
}

/** Every text that must never be shown for these credentials. */
export function secretsOf(credentials: Credentials): readonly string[] {
  const texts = credentials.kind === 'token' ? [credentials.token] : [credentials.email, credentials.key];
  return texts.filter((text) => text !== '');
}

function secretOf(name: CredentialName, env: Env, readTextFile: ReadTextFile): string | undefined {
  const direct = env[name] ?? '';
  const path = env[`${name}_FILE`] ?? '';
  if (direct !== '' && path !== '') {
    throw usageError('CREDENTIALS_TWICE', `${name} and ${name}_FILE are both set`, 'Unset one of them');
  }
  if (direct !== '') return checkCredential(direct.trim(), name, name);
  return path === '' ? undefined : checkCredential(readSecretFile(path, `${name}_FILE`, readTextFile).trim(), name, `${name}_FILE`);
}

function readSecretFile(path: string, name: string, readTextFile: ReadTextFile): string {
  try {
    return readTextFile(path);
  } catch (error) {
    throw usageError(
      'CREDENTIALS_FILE',
      `the file that ${name} names cannot be read: ${errnoText(error)}`,
      `Check the path and who may read it`,
    );
  }
}
