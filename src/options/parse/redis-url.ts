import { usageError } from '../../domain/errors.ts';

export const QUOTA_REDIS_ENV = 'IMAGES_PURGE_QUOTA_REDIS';
/** Names a file that holds the URL. */
export const QUOTA_REDIS_FILE_ENV = 'IMAGES_PURGE_QUOTA_REDIS_FILE';

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
      `Set ${QUOTA_REDIS_ENV}, or ${QUOTA_REDIS_FILE_ENV} to the path of a file that holds the URL`,
    );
  }
  return url.href;
}
