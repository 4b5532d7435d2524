import { usageError } from '../../domain/errors.ts';
import type { ReadTextFile } from './credentials.ts';
import { errnoText } from '../texts/error-text.ts';
import { envNameOf } from '../../options/option-spec.ts';
import type { Env } from '../../options/option-values.ts';

export const QUOTA_REDIS = 'quota-redis';
const FILE_NAME = `${envNameOf(QUOTA_REDIS)}_FILE`;

/**
 * The URL of a Redis. As a flag it must hold no user and no password: others on the machine can read a command line. No
 * message repeats the value.
 */
export function parseRedisUrl(text: string, label: string): string {
  const url = URL.parse(text.trim());
  if (url === null || (url.protocol !== 'redis:' && url.protocol !== 'rediss:') || url.hostname === '') {
    throw usageError(
      'OPTION_VALUE',
      `${label} must be the URL of a Redis`,
      'Example: redis://redis.internal:6379/0, or rediss:// over TLS',
    );
  }
  if (label.startsWith('--') && (url.username !== '' || url.password !== '')) {
    throw usageError(
      'QUOTA_REDIS_PASSWORD',
      `${label} must not hold a user or a password: others can read a command line`,
      `Set ${envNameOf(QUOTA_REDIS)}, or ${FILE_NAME} to the path of a file that holds the URL`,
    );
  }
  return url.href;
}

/** The flag or its variable, or else the file that another variable names. */
export function quotaRedisUrl(given: string | undefined, env: Env, readTextFile: ReadTextFile): string | undefined {
  const path = env[FILE_NAME] ?? '';
  if (path === '') return given;
  if (given !== undefined) {
    if ((env[envNameOf(QUOTA_REDIS)] ?? '') === '') return given;
    throw usageError('QUOTA_REDIS_TWICE', `${envNameOf(QUOTA_REDIS)} and ${FILE_NAME} are both set`, 'Unset one of them');
  }
  try {
    return parseRedisUrl(readTextFile(path), FILE_NAME);
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      throw usageError(
        'QUOTA_REDIS_FILE',
        `the file that ${FILE_NAME} names cannot be read: ${errnoText(error)}`,
        'Check the path and who may read it',
      );
    throw error;
  }
}
