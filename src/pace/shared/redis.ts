import { Redis } from 'ioredis';

/** A process whose question is not answered by then goes on with its part of the quota. */
const ANSWER_MS_MAX = 1_000;
const CONNECT_MS_MAX = 2_000;
const RECONNECT_AFTER_MS = 500;

/** A connection to Redis that fails at once where Redis is away, and finds its way back by itself. */
export interface RedisConnection {
  readonly redis: Redis;
  /** Why it is not connected, as far as that is known. */
  readonly lastError: () => string | undefined;
  /** Resolves once connected, or has failed to for the first time. */
  readonly connect: () => Promise<void>;
  /** Begins it anew where a command ran out of time: what is still to come of the answer is of no use, and may have no end. */
  readonly renewAfter: (error: unknown) => void;
}

/** @param url - `redis://` or `rediss://`, with whatever password it holds */
export function createRedisConnection(url: string): RedisConnection {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS_MAX,
    commandTimeout: ANSWER_MS_MAX,
    // A place in the schedule that comes late is of no use to anybody.
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
