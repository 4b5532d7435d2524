import { expect } from 'vitest';

import type { SimulatedQuota } from '../../../src/simulator/simulator-options.ts';
import type { CliResult, RunningCli } from '../cli/cli.ts';
import { TestRedis } from '../servers/redis.ts';
import { makeIds, type PurgeBench, withPurgeProcesses } from './purge.ts';
import { createGate, seenMs } from './traffic.ts';

/** No request more than that in any window: the server counts. */
export const QUOTA: SimulatedQuota = { kind: 'sliding', requests: 300, windowMs: seenMs(5_000), blockMs: 0, burst: 300 };
const RATE = ['--rate', '300/5s'] as const;

/** Starts a purge of so many IDs in each of several processes that use one account. */
export function startSharing(bench: PurgeBench, redis: TestRedis, processCount: number, idsEach: number): RunningCli[] {
  const ids = makeIds(idsEach * processCount);
  return Array.from({ length: processCount }, (_, index) => {
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

/** Resolves when each process has sent a DELETE: its checkpoint is there, and it shares the quota. */
export function whenAllHaveBegun({ simulator }: PurgeBench, processCount: number, idsEach: number): Promise<void> {
  const begun = new Set<number>();
  const { opened, open } = createGate();
  simulator.override(({ id }) => {
    if (id !== undefined) begun.add(Math.floor(Number(id.slice('image-'.length)) / idsEach));
    if (begun.size === processCount) open();
    return undefined;
  });
  return opened;
}

export function expectAllDeleted(bench: PurgeBench, results: readonly CliResult[], idCount: number): void {
  expect(results.map(({ exitCode }) => exitCode)).toEqual(results.map(() => 0));
  expect(bench.simulator.record.deleted.size).toBe(idCount);
  expect(bench.simulator.record.throttledCount).toBe(0);
}

/** Processes share one quota, the server throttles none of them, and one that is killed goes on later. */
export function expectSharedQuota(processCount: number, idsEach: number): Promise<void> {
  return withPurgeProcesses({ quota: QUOTA }, async (bench) => {
    await using redis = await TestRedis.start();
    const haveBegun = whenAllHaveBegun(bench, processCount, idsEach);
    const running = startSharing(bench, redis, processCount, idsEach);
    await haveBegun;
    await bench.simulator.whenRequests((processCount * idsEach) / 4);
    running[0]?.child.kill('SIGKILL');
    await running[0]?.finished;
    const others = await Promise.all(running.slice(1).map(({ finished }) => finished));
    const resumed = await bench.run(['resume', '0.csv.checkpoint', '--json', ...RATE, '--quota-redis', redis.url]);
    expectAllDeleted(bench, [...others, resumed], processCount * idsEach);
  });
}
