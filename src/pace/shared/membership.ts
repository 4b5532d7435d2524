import type { Redis } from 'ioredis';

/** The processes that use a quota, as Redis knows them. */
export interface Attendance {
  /** Processes seen within {@link MEMBER_MS}, this one included. */
  readonly members: number;
  /** How long the common schedule stays closed, because one of them has returned to it; 0 if it is open. */
  readonly closedForMs: number;
}

/** Announces to Redis, again and again, that this process uses a quota. */
export interface Membership {
  /** @param isReturning - this process has used its divided share: the common schedule stays closed until all are back */
  beat(key: string, isReturning: boolean): Promise<Attendance>;
  leave(key: string): Promise<void>;
}

/** A process not seen for this long is gone. */
const MEMBER_MS = 4_000;
/** Longer than any process takes to notice that Redis is back. */
const CLOSED_MS = 5_000;

/** KEYS: members by the time they were last seen; how long the schedule is closed. */
const BEAT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ${MEMBER_MS})
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ${MEMBER_MS * 2})
if ARGV[2] == '1' then redis.call('SET', KEYS[2], 1, 'PX', ${CLOSED_MS}) end
return {redis.call('ZCARD', KEYS[1]), math.max(redis.call('PTTL', KEYS[2]), 0)}`;

/** @param id - identifies this process among all that ever use the quota */
export function createMembership(redis: Redis, id: string): Membership {
  return {
    async beat(key, isReturning) {
      const [members, closedForMs] = (await redis.eval(BEAT, 2, `${key}:members`, `${key}:closed`, id, isReturning ? '1' : '0')) as [
        number,
        number,
      ];
      return { members, closedForMs };
    },
    async leave(key) {
      await redis.zrem(`${key}:members`, id);
    },
  };
}
