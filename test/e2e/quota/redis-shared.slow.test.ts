import { describe, expect, it } from 'vitest';

import { pasted, suggestedAfter } from '../../support/cli/pasted.ts';
import { makeIds, summaryOf, withPurge } from '../../support/purge/purge.ts';
import { HAS_REDIS, TestRedis } from '../../support/servers/redis.ts';
import { expectSharedQuota } from '../../support/purge/shared-quota.ts';

const RATE = ['--rate', '300/5s'] as const;

describe.skipIf(!HAS_REDIS)('--quota-redis', () => {
  it('two processes share one quota and never exceed it, though one is killed and goes on later', () => expectSharedQuota(2, 180));

  it('a Redis that does not answer at the start is exit 2 and sends nothing; as a shard the purge begins on its part', () =>
    withPurge({}, async (bench) => {
      const redis = await TestRedis.start();
      await redis[Symbol.asyncDispose]();
      bench.writeIds('ids.csv', makeIds(40));
      const refused = await bench.delete(['--quota-redis', redis.url]);
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toMatch(/the Redis of --quota-redis does not answer \(connect ECONNREFUSED/);
      expect(bench.simulator.record.requestCount).toBe(0);
      const shard = await bench.delete([...RATE, '--quota-redis', redis.url, '--shard', '1/4']);
      expect(shard.exitCode).toBe(0);
      expect(shard.stderr).toMatch(/"event":"quota.divided","by":4/);
      expect(summaryOf(shard)).toMatchObject({ state: 'finished', intake: { accepted: bench.simulator.record.deleted.size } });
    }));

  it('is in the command to go on with, but for a URL with a password', () =>
    withPurge({}, async (bench) => {
      await using redis = await TestRedis.start();
      bench.writeIds('ids.csv', makeIds(4));
      const stopped = await bench.delete([...RATE, '--quota-redis', redis.url, '--limit', '1']);
      expect(stopped.exitCode).toBe(8);
      const command = suggestedAfter('Go on with:', stopped);
      expect(command).toContain(` --quota-redis ${redis.url}`);
      expect((await pasted(command)).exitCode).toBe(8);
      const secret = `redis://:sentinel-password@127.0.0.1:${redis.port}`;
      const inEnvironment = await bench.delete([...RATE, '--limit', '1'], { env: { IMAGES_PURGE_QUOTA_REDIS: secret } });
      expect(inEnvironment.exitCode).toBe(8);
      expect(suggestedAfter('Go on with:', inEnvironment)).not.toContain('--quota-redis');
    }));

  it('lanes of batch tokens are shared under names that tell no token', () =>
    withPurge({}, async (bench) => {
      await using redis = await TestRedis.start();
      bench.writeIds('ids.csv', makeIds(200));
      const result = await bench.delete([
        '--rate',
        '200/s',
        '--batch-tokens',
        '2',
        '--batch-base-url',
        bench.simulator.batchUrl,
        '--quota-redis',
        redis.url,
      ]);
      expect(result.exitCode).toBe(0);
      const keys = await redis.keys();
      expect(keys.filter((key) => /^images-purge:token:[0-9a-f]{32}:schedule$/.test(key))).toHaveLength(2);
      expect(keys.some((key) => key.includes(':members'))).toBe(false);
    }));

  it('a wrong password is told without telling it', () =>
    withPurge({}, async (bench) => {
      await using redis = await TestRedis.start('--requirepass', 'the-right-password');
      bench.writeIds('ids.csv', makeIds(5));
      const url = (password: string): string => `redis://:${password}@127.0.0.1:${redis.port}`;
      const wrong = await bench.delete(['--log-level', 'trace'], { env: { IMAGES_PURGE_QUOTA_REDIS: url('a-wrong-password') } });
      expect(wrong.exitCode).toBe(2);
      expect(wrong.stderr).toMatch(/WRONGPASS/);
      const missing = await bench.delete(['--quota-redis', redis.url]);
      expect(missing.stderr).toMatch(/it asks for a password/);
      bench.write('redis-url', `${url('the-right-password')}\n`);
      const right = await bench.delete(['--log-level', 'trace'], { env: { IMAGES_PURGE_QUOTA_REDIS_FILE: bench.path('redis-url') } });
      expect(right.exitCode).toBe(0);
      expect([wrong, missing, right].map(({ stdout, stderr }) => stdout + stderr).join('')).not.toMatch(
        /a-wrong-password|the-right-password/,
      );
    }));
});

describe('the URL of a quota’s Redis', () => {
  it.each([
    [['--quota-redis', 'redis://:hidden-word@127.0.0.1:1'], {}, /must not hold a user or a password/],
    [['--quota-redis', 'redis://hidden-word@127.0.0.1:1'], {}, /must not hold a user or a password/],
    [['--quota-redis', 'http://127.0.0.1:1'], {}, /--quota-redis must be the URL of a Redis/],
    [[], { IMAGES_PURGE_QUOTA_REDIS: 'redis://:hidden-word@[' }, /IMAGES_PURGE_QUOTA_REDIS must be the URL of a Redis/],
    [[], { IMAGES_PURGE_QUOTA_REDIS: 'redis://:hidden-word@127.0.0.1:1', IMAGES_PURGE_QUOTA_REDIS_FILE: 'url' }, /are both set/],
    [[], { IMAGES_PURGE_QUOTA_REDIS_FILE: 'no-such-file' }, /cannot be read/],
  ])('%j is exit 2 and repeats no password', (flags, env, message) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      const result = await bench.delete(flags, { env });
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toMatch(message);
      expect(result.stderr).not.toContain('hidden-word');
      expect(bench.simulator.record.requestCount).toBe(0);
    }),
  );
});
