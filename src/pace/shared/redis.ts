import { Redis } from 'ioredis';

/** A process that gets no answer within this time uses its part of the quota. */
const ANSWER_MS_MAX = 1_000;
const CONNECT_MS_MAX = 2_000;
const RECONNECT_AFTER_MS = 500;

/** A connection to Redis that fails at once while Redis is away, and reconnects by itself. */
export interface RedisConnection {
  readonly redis: Redis;
  /** Why it is not connected, as far as that is known. */
  readonly lastError: () => string | undefined;
  /** Resolves when it is connected, or when the first try has failed. */
  readonly connect: () => Promise<void>;
  /** Reconnects after a command has timed out: the rest of its answer is useless, and may never end. */
  readonly renewAfter: (error: unknown) => void;
}

/** @param url - `redis://` or `rediss://`, with whatever password it holds */
export function createRedisConnection(url: string): RedisConnection {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS_MAX,
    commandTimeout: ANSWER_MS_MAX,
    // A place in the schedule that comes late is useless.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => RECONNECT_AFTER_MS,
  });
  let lastError: string | undefined;
  redis.on('error', ({ message }: Error) => void (lastError = message.startsWith('NOAUTH') ? 'it asks for a password' : message));
  redis.on('ready', () => void (lastError = undefined));
  return {
    redis,
    lastError: () => lastError,
    renewAfter(error) {
      if (error instanceof Error && error.message === 'Command timed out' && redis.status === 'ready') redis.disconnect(true);
    },
    connect: () => redis.connect().catch((error: Error) => void (lastError ??= error.message)),
  };
}
