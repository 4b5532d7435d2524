import type { Redis } from 'ioredis';

/** Who uses a quota, as Redis knows it. */
export interface Attendance {
  /** Processes heard of within {@link MEMBER_MS}, this one included. */
  readonly members: number;
  /** So long the common schedule stays closed, because one of them has come back to it; 0 where it is open. */
  readonly closedForMs: number;
}

/** Tells Redis, again and again, that this process uses a quota. */
export interface Membership {
  /** @param isReturning - this process has lived on its divided share: nobody uses the common schedule until all are back */
  beat(key: string, isReturning: boolean): Promise<Attendance>;
  leave(key: string): Promise<void>;
}

/** A process not heard of for so long is gone. */
const MEMBER_MS = 4_000;
/** Longer than any process takes to notice that Redis is back. */
const CLOSED_MS = 5_000;

/** KEYS: members by the time they were last heard of; how long the schedule is closed. */
const BEAT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ${MEMBER_MS})
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ${MEMBER_MS * 2})
if ARGV[2] == '1' then redis.call('SET', KEYS[2], 1, 'PX', ${CLOSED_MS}) end
return {redis.call('ZCARD', KEYS[1]), math.max(redis.call('PTTL', KEYS[2]), 0)}`;

/** @param id - this process's, among all that ever use the quota */
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
