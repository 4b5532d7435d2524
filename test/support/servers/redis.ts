import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Redis } from 'ioredis';

import { freePort } from '../../../bench/servers/loopback.ts';

/** Whether a real Redis can be had here. */
export const HAS_REDIS: boolean = spawnSync('redis-server', ['--version']).status === 0;

/** A real Redis on loopback that can be taken away and brought back. */
export class TestRedis {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'images-purge-redis-'));
  readonly port: number;
  #server: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(...settings: string[]): Promise<TestRedis> {
    const redis = new TestRedis(await freePort());
    await redis.start(...settings);
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(...settings: string[]): Promise<void> {
    const server = spawn(
      'redis-server',
      ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--dir', this.folder, ...settings],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.#server = server;
    let log = '';
    server.stdout.setEncoding('utf8');
    for await (const text of server.stdout.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
      log += text;
      if (log.includes('Ready to accept connections')) break;
    }
    server.stdout.resume();
  }

  async keys(): Promise<string[]> {
    using client = await redisClient(this);
    return client.keys('*');
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }
}

/** A connected client of a test's own, closed when the test ends. */
export async function redisClient({ url }: TestRedis): Promise<Redis & Disposable> {
  const client = new Redis(url);
  await client.ping();
  return Object.assign(client, { [Symbol.dispose]: () => client.disconnect() });
}
