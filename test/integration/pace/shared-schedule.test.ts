import { once } from 'node:events';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createMembership } from '../../../src/pace/shared/membership.ts';
import { AHEAD_MS_MAX, createSchedule } from '../../../src/pace/shared/schedule.ts';
import { HAS_REDIS, redisClient, TestRedis } from '../../support/servers/redis.ts';

let server: TestRedis;
let names = 0;
const newKey = (): string => `images-purge:test:${++names}`;

describe.skipIf(!HAS_REDIS)('in a real Redis', () => {
  beforeAll(async () => void (server = await TestRedis.start()));
  afterAll(() => server[Symbol.asyncDispose]());

  describe('the common schedule', () => {
    it('gives places one interval apart, no matter who asks', async () => {
      using one = await redisClient(server);
      using other = await redisClient(server);
      const [key, schedules] = [newKey(), [createSchedule(one), createSchedule(other)]];
      const freeUs = async (): Promise<number> => Number((await one.get(`${key}:schedule`))?.split(' ')[0]);
      const intervalsUs: number[] = [];
      for (let round = 0; round < 10; round++) {
        await one.set(`${key}:schedule`, '1 1');
        expect(await schedules[0]?.take(key, 900)).toMatchObject({ kind: 'place' });
        const beforeUs = await freeUs();
        expect(await schedules[1]?.take(key, 900)).toMatchObject({ kind: 'place' });
        intervalsUs.push((await freeUs()) - beforeUs);
      }
      // The place after a free one is an interval behind now, not behind the last: on a machine that stood still for longer than that.
      expect(Math.min(...intervalsUs)).toBe(900_000);
    });

    it('is filled no further ahead than its bound: then it says when to ask again', async () => {
      using redis = await redisClient(server);
      const [key, schedule] = [newKey(), createSchedule(redis)];
      await schedule.take(key, 100_000);
      const full = await schedule.take(key, 1);
      expect(full.kind).toBe('full');
      expect(full.inMs).toBeGreaterThan(90_000);
      expect(full.inMs).toBeLessThanOrEqual(100_000);
    });

    it('gives the place of one who asks slowly to nobody else', async () => {
      using redis = await redisClient(server);
      const [key, schedule] = [newKey(), createSchedule(redis)];
      await redis.set(`${key}:schedule`, '1 1');
      const first = await schedule.take(key, 700);
      const second = await schedule.take(key, 10);
      expect(first).toEqual({ kind: 'place', inMs: 0 });
      expect(second.inMs).toBeGreaterThan(500);
      expect(second.inMs).toBeLessThanOrEqual(700);
    });

    it.each([
      ['was emptied', undefined],
      ['had its clock set back', '99999999999999999 99999999999999998'],
      ['holds something else', 'what is this'],
    ])('where Redis %s, begins again after all places that may be under way', async (_, value) => {
      using redis = await redisClient(server);
      const [key, schedule] = [newKey(), createSchedule(redis)];
      if (value !== undefined) await redis.set(`${key}:schedule`, value);
      expect(await schedule.take(key, 10)).toEqual({ kind: 'place', inMs: AHEAD_MS_MAX });
      expect((await schedule.take(key, 10)).kind).toMatch(/place|full/);
    });

    it('keeps the schedules of two quotas apart, and forgets one that nobody uses', async () => {
      using redis = await redisClient(server);
      const schedule = createSchedule(redis);
      const [one, other] = [newKey(), newKey()];
      await schedule.take(one, 30_000);
      expect(await schedule.take(other, 10)).toEqual({ kind: 'place', inMs: AHEAD_MS_MAX });
      const ttlMs = await redis.pttl(`${one}:schedule`);
      expect(ttlMs).toBeGreaterThan(60_000);
      expect(ttlMs).toBeLessThanOrEqual(92_000);
    });

    it('fails at once where Redis has gone', async () => {
      const gone = await TestRedis.start();
      using redis = await redisClient(gone);
      await gone[Symbol.asyncDispose]();
      if (redis.status === 'ready') await once(redis, 'close');
      await expect(createSchedule(redis).take(newKey(), 10)).rejects.toThrow(/not ready/);
    });
  });

  describe('membership', () => {
    it('counts everybody once, and those no longer who left', async () => {
      using redis = await redisClient(server);
      const key = newKey();
      const [one, other] = [createMembership(redis, 'one'), createMembership(redis, 'other')];
      expect(await one.beat(key, false)).toEqual({ members: 1, closedForMs: 0 });
      expect(await other.beat(key, false)).toEqual({ members: 2, closedForMs: 0 });
      expect(await one.beat(key, false)).toEqual({ members: 2, closedForMs: 0 });
      await other.leave(key);
      expect(await one.beat(key, false)).toEqual({ members: 1, closedForMs: 0 });
    });

    it('does not count one that was not heard of for five seconds', async () => {
      using redis = await redisClient(server);
      const key = newKey();
      const [seconds] = await redis.time();
      await redis.zadd(`${key}:members`, (Number(seconds) - 5) * 1000, 'killed');
      await redis.zadd(`${key}:members`, (Number(seconds) - 2) * 1000, 'busy');
      expect((await createMembership(redis, 'one').beat(key, false)).members).toBe(2);
    });

    it('closes the schedule for all when one comes back to it', async () => {
      using redis = await redisClient(server);
      const key = newKey();
      const [one, other] = [createMembership(redis, 'one'), createMembership(redis, 'other')];
      expect((await one.beat(key, true)).closedForMs).toBe(5_000);
      const seen = (await other.beat(key, false)).closedForMs;
      expect(seen).toBeGreaterThan(4_000);
      expect(seen).toBeLessThanOrEqual(5_000);
    });
  });
});
