import type { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

/** A place in the common schedule; or, if the schedule is full, when to ask again. */
export type Place = { readonly kind: 'place' | 'full'; readonly inMs: number };

/** One schedule for each quota, kept by Redis: each request for a place gets the next free one, whichever process asks. */
export interface Schedule {
  /**
   * @param key - of the quota
   * @param intervalMs - from this place to the next, at the pace of this process
   * @throws if Redis does not answer
   */
  take(key: string, intervalMs: number): Promise<Place>;
}

/** How far ahead the schedule is filled at most: losing Redis or a process loses at most this much of the quota. */
export const AHEAD_MS_MAX = 1_000;

/**
 * The generic cell rate algorithm, in microseconds of Redis's own clock: KEYS[1] holds when the next place is free, and when that
 * was written. Where it is missing (never used, or Redis was emptied) or from the future (its clock was set back), places given before
 * may still be ahead, but none further than AHEAD_MS_MAX.
 */
const TAKE_PLACE = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, most = tonumber(ARGV[1]), tonumber(ARGV[3])
local free, written = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%d+)$')
if not free or tonumber(written) > now then free = now + most end
local ahead = math.max(tonumber(free) - now, 0)
if ahead > most then return {most + 1, math.ceil((ahead - most) / 1000)} end
local taken = now + ahead + interval
redis.call('SET', KEYS[1], string.format('%.0f %.0f', taken, now), 'PX', math.ceil((taken - now) / 1000) + 60000)
return {ahead, 0}`;

/**
 * rate-limiter-flexible 11.4 (2026, no dependencies) carries the script to Redis. Its own counters are fixed windows of whole seconds,
 * which let twice the quota through at their edges; what it calls points are microseconds of the schedule here.
 */
export function createSchedule(redis: Redis): Schedule {
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: '',
    points: AHEAD_MS_MAX * 1000,
    duration: 1,
    rejectIfRedisNotReady: true,
    customIncrTtlLuaScript: TAKE_PLACE,
  });
  return {
    async take(key, intervalMs) {
      try {
        const { consumedPoints } = await limiter.consume(`${key}:schedule`, Math.max(Math.ceil(intervalMs * 1000), 1));
        return { kind: 'place', inMs: consumedPoints / 1000 };
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return { kind: 'full', inMs: refusal.msBeforeNext };
        throw refusal;
      }
    },
  };
}
