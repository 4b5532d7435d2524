import { describe, expect, it } from 'vitest';

import { type CliResult, type RunningCli } from '../../support/cli/cli.ts';
import { makeIds, type PurgeBench, summaryOf, withPurgeProcesses } from '../../support/purge/purge.ts';
import { HAS_REDIS, TestRedis } from '../../support/servers/redis.ts';
import { createGate, seenMs } from '../../support/purge/traffic.ts';

/** No request more than that in any window: the server counts. */
const QUOTA = { kind: 'sliding', requests: 300, windowMs: seenMs(5_000), blockMs: 0, burst: 300 } as const;
const RATE = ['--rate', '300/5s'] as const;
const PROCESSES = 4;

/** Starts a purge of so many IDs in each of four processes that use one account. */
function startFour(bench: PurgeBench, redis: TestRedis, idsEach: number): RunningCli[] {
  const ids = makeIds(idsEach * PROCESSES);
  return Array.from({ length: PROCESSES }, (_, index) => {
    bench.writeIds(`${index}.csv`, ids.slice(index * idsEach, (index + 1) * idsEach));
    return bench.start([
      'delete',
      `${index}.csv`,
      '--base-url',
      bench.simulator.url,
      '--yes',
      '--json',
      ...RATE,
      '--quota-redis',
      redis.url,
    ]);
  });
}

/** Resolves when each of the four has sent a DELETE: its checkpoint is there, and it shares the quota. */
function whenAllHaveBegun({ simulator }: PurgeBench, idsEach: number): Promise<void> {
  const begun = new Set<number>();
  const { opened, open } = createGate();
  simulator.override(({ id }) => {
    if (id !== undefined) begun.add(Math.floor(Number(id.slice('image-'.length)) / idsEach));
    if (begun.size === PROCESSES) open();
    return undefined;
  });
  return opened;
}

function expectAllDeleted(bench: PurgeBench, results: readonly CliResult[], idCount: number): void {
  expect(results.map(({ exitCode }) => exitCode)).toEqual(results.map(() => 0));
  expect(bench.simulator.record.deleted.size).toBe(idCount);
  expect(bench.simulator.record.throttledCount).toBe(0);
}

describe.skipIf(!HAS_REDIS).concurrent('--quota-redis', () => {
  it('four processes share one quota and never exceed it, though one is killed and goes on later', () =>
    withPurgeProcesses({ quota: QUOTA }, async (bench) => {
      await using redis = await TestRedis.start();
      const haveBegun = whenAllHaveBegun(bench, 150);
      const running = startFour(bench, redis, 150);
      await haveBegun;
      await bench.simulator.whenRequests(150);
      running[0]?.child.kill('SIGKILL');
      await running[0]?.finished;
      const others = await Promise.all(running.slice(1).map(({ finished }) => finished));
      const resumed = await bench.run(['resume', '0.csv.checkpoint', '--json', ...RATE, '--quota-redis', redis.url]);
      expectAllDeleted(bench, [...others, resumed], 150 * PROCESSES);
    }));

  it('each keeps to its part while Redis is away, says so, and comes back to the whole', () =>
    withPurgeProcesses({ quota: QUOTA }, async (bench) => {
      await using redis = await TestRedis.start();
      const haveBegun = whenAllHaveBegun(bench, 200);
      const running = startFour(bench, redis, 200);
      await haveBegun;
      await bench.simulator.whenRequests(100);
      await redis.stop();
      await Promise.all(running.map((cli) => cli.waitForStderr(/"event":"quota.divided","by":4/)));
      await bench.simulator.whenRequests(bench.simulator.record.requestCount + 40);
      await redis.start();
      await Promise.all(running.map((cli) => cli.waitForStderr(/"event":"quota.shared"/)));
      expectAllDeleted(bench, await Promise.all(running.map(({ finished }) => finished)), 200 * PROCESSES);
    }));

  it('a Redis that does not answer at the start is exit 2 and sends nothing; as a shard the purge begins on its part', () =>
    withPurgeProcesses({}, async (bench) => {
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

  it('lanes of batch tokens are shared under names that tell no token', () =>
    withPurgeProcesses({}, async (bench) => {
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
    withPurgeProcesses({}, async (bench) => {
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
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      const result = await bench.delete(flags, { env });
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toMatch(message);
      expect(result.stderr).not.toContain('hidden-word');
      expect(bench.simulator.record.requestCount).toBe(0);
    }),
  );
});
