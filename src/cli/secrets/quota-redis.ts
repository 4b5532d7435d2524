import { usageError } from '../../domain/errors.ts';
import type { Env } from '../../options/env.ts';
import { parseRedisUrl, QUOTA_REDIS_ENV, QUOTA_REDIS_FILE_ENV } from '../../options/parse/redis-url.ts';
import { errnoText } from '../texts/error-text.ts';
import type { ReadTextFile } from './credentials.ts';

/** The flag or its variable, or else the file that another variable names. */
export function quotaRedisUrl(given: string | undefined, env: Env, readTextFile: ReadTextFile): string | undefined {
  const path = env[QUOTA_REDIS_FILE_ENV] ?? '';
  if (path === '') return given;
  if (given !== undefined) {
    if ((env[QUOTA_REDIS_ENV] ?? '') === '') return given;
    throw usageError('QUOTA_REDIS_TWICE', `${QUOTA_REDIS_ENV} and ${QUOTA_REDIS_FILE_ENV} are both set`, 'Unset one of them');
  }
  try {
    return parseRedisUrl(readTextFile(path), QUOTA_REDIS_FILE_ENV);
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      throw usageError(
        'QUOTA_REDIS_FILE',
        `the file that ${QUOTA_REDIS_FILE_ENV} names cannot be read: ${errnoText(error)}`,
        'Check the path and who may read it',
      );
    throw error;
  }
}
