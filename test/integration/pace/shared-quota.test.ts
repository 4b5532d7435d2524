import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, it } from 'vitest';

import { realClock } from '../../../src/run/real-clock.ts';
import { createSharedQuota, type SharedQuota } from '../../../src/pace/shared/shared-quota.ts';
import { HAS_REDIS, redisClient, TestRedis } from '../../support/servers/redis.ts';
import { closed, listening } from '../../support/servers/socket-api.ts';

const clock = realClock();
const KEY = 'account:test';
type Away = { readonly why: string; readonly dividedBy: number } | undefined;

describe.skipIf(!HAS_REDIS)('a quota shared through a real Redis', () => {
  let stack = new AsyncDisposableStack();
  afterEach(async () => {
    await stack.disposeAsync();
    stack = new AsyncDisposableStack();
  });

  async function server(): Promise<TestRedis> {
    return stack.use(await TestRedis.start());
  }

  function shared(url: string, membersMin = 1): { quota: SharedQuota; changes: Away[] } {
    const changes: Away[] = [];
    const quota = createSharedQuota({ url, clock, membersMin, onChange: (away) => changes.push(away) });
    stack.defer(() => quota.close());
    return { quota, changes };
  }

  it('gives each of two processes places of one schedule, and nothing before both can have counted each other', async () => {
    const redis = await server();
    const startMs = clock.monotonicMs();
    const times = await Promise.all(
      [1, 2].map(async () => {
        const { quota } = shared(redis.url);
        expect(await quota.open()).toBeUndefined();
        const spacer = quota.createSpacer(() => KEY, 50, 1_000);
        const got: number[] = [];
        for (let n = 0; n < 10; n++) {
          await spacer.next();
          got.push(clock.monotonicMs() - startMs);
        }
        await spacer.close();
        await expect(spacer.next()).rejects.toThrow('closed');
        return got;
      }),
    );
    const all = times.flat().toSorted((a, b) => a - b);
    expect(all[0]).toBeGreaterThan(1_400);
    // Twenty places 50 ms apart; alone, each would have had its ten within 450 ms.
    expect((all.at(-1) ?? 0) - (all[0] ?? 0)).toBeGreaterThan(850);
  });

  it('is divided while Redis is away, which is told once, and whole again when it is back', async () => {
    const redis = await server();
    const { quota, changes } = shared(redis.url, 3);
    await quota.open();
    const spacer = quota.createSpacer(() => KEY, 20, 1_000);
    await spacer.next();
    await redis.stop();
    for (let n = 0; changes.length === 0 && n < 500; n++) await Promise.race([spacer.next(), sleep(20)]);
    expect(changes).toEqual([{ why: expect.any(String), dividedBy: 3 }]);
    await spacer.next();
    const startMs = clock.monotonicMs();
    for (let n = 0; n < 5; n++) await spacer.next();
    // A third of its pace.
    expect(clock.monotonicMs() - startMs).toBeGreaterThan(230);
    await redis.start();
    for (let n = 0; changes.length === 1 && n < 1_000; n++) await Promise.race([spacer.next(), sleep(20)]);
    expect(changes[1]).toBeUndefined();
    expect(changes).toHaveLength(2);
    spacer.setIntervalMs(10);
    await spacer.close();
  });

  it('is not read on from a Redis whose answer has no end: the connection is opened again, and the quota is whole again', async () => {
    const redis = await server();
    const sockets = new Set<Socket>();
    const dropped = Promise.withResolvers<void>();
    let isPouring = false;
    const front = createServer((socket) => {
      const behind = connect(redis.port, '127.0.0.1');
      for (const one of [socket, behind]) sockets.add(one.on('error', () => undefined));
      behind.pipe(socket);
      socket.on('data', (bytes) => {
        if (!isPouring) return void behind.write(bytes);
        socket.removeAllListeners('data').resume();
        behind.unpipe(socket);
        socket.write('$500000000000\r\n');
        const more = setInterval(() => socket.write('x'.repeat(1_024)), 10);
        socket.once('close', () => {
          clearInterval(more);
          dropped.resolve();
        });
      });
    });
    const port = await listening(front, '127.0.0.1');
    stack.defer(() => closed(front, sockets));
    const { quota, changes } = shared(`redis://127.0.0.1:${port}`, 2);
    await quota.open();
    const spacer = quota.createSpacer(() => KEY, 5, 1_000);
    await spacer.next();
    isPouring = true;
    await dropped.promise;
    isPouring = false;
    for (let n = 0; changes.length < 2 && n < 1_000; n++) await Promise.race([spacer.next(), sleep(20)]);
    expect(changes).toEqual([{ why: 'Command timed out', dividedBy: 2 }, undefined]);
    await spacer.close();
  });

  it('says at the start why Redis was not found, and begins on its part', async () => {
    const redis = await TestRedis.start();
    await redis[Symbol.asyncDispose]();
    const { quota, changes } = shared(redis.url, 4);
    expect(await quota.open()).toMatch(/ECONNREFUSED/);
    expect(changes).toEqual([{ why: expect.stringContaining('ECONNREFUSED'), dividedBy: 4 }]);
    const spacer = quota.createSpacer(() => KEY, 5, 1_000);
    await spacer.next();
    await spacer.close();
  });

  it('names a password that is asked for, and not the one that was given', async () => {
    const redis = await TestRedis.start('--requirepass', 'sesame');
    stack.use(redis);
    expect(await shared(redis.url).quota.open()).toBe('it asks for a password');
  });

  it('forgets a process that says goodbye', async () => {
    const redis = await server();
    const { quota } = shared(redis.url);
    await quota.open();
    const spacer = quota.createSpacer(() => KEY, 5, 1_000);
    await spacer.next();
    using client = await redisClient(redis);
    expect(await client.zcard(`images-purge:${KEY}:members`)).toBe(1);
    await spacer.close();
    await quota.close();
    expect(await client.zcard(`images-purge:${KEY}:members`)).toBe(0);
  });
});
