import { describe, expect, it } from 'vitest';

import { makeIds, type PurgeBench, summaryOf, withPurgeProcesses } from '../../support/purge/purge.ts';
import type { CliOptions, RunningCli } from '../../support/cli/cli.ts';
import { mostInAnyWindow, seenMs } from '../../support/purge/traffic.ts';

const SHARDS = [0, 1, 2];
const CHECKPOINTS = SHARDS.map((index) => `s${index}.checkpoint`);

function startShard(bench: PurgeBench, index: number, more: readonly string[] = [], options: CliOptions = {}): RunningCli {
  return bench.startDelete(['--checkpoint', `s${index}.checkpoint`, ...more], options);
}

const shardOption = (index: number): string[] => ['--shard', `${index}/3`];

describe.concurrent('shards', () => {
  it('of one list, at the same time, delete each ID exactly once, and share one rate', () =>
    withPurgeProcesses({}, async (bench) => {
      const ids = makeIds(70);
      bench.writeIds('ids.csv', ids);
      const results = await Promise.all(
        SHARDS.map((index) => startShard(bench, index, [...shardOption(index), '--rate', '60/6s']).finished),
      );
      expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
      const { record } = bench.simulator;
      expect(record.deleted).toEqual(new Set(ids));
      expect([...record.deleteRequests.values()].every((count) => count === 1)).toBe(true);
      expect(mostInAnyWindow(record.requests, seenMs(6_000))).toBeLessThanOrEqual(60);
      for (const { intake } of results.map(summaryOf)) {
        expect(intake['accepted']).toBeGreaterThan(0);
        expect(intake).toMatchObject({ rows: 70, skipped: 70 - Number(intake['accepted']) });
      }
    }));

  it('as the pods of an Indexed Job take them from the environment', () =>
    withPurgeProcesses({}, async (bench) => {
      const ids = makeIds(60);
      bench.writeIds('ids.csv', ids);
      const env = (index: number): CliOptions => ({ env: { JOB_COMPLETION_INDEX: String(index), IMAGES_PURGE_SHARDS: '3' } });
      const results = await Promise.all(SHARDS.map((index) => startShard(bench, index, [], env(index)).finished));
      expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
      expect(results.map(({ stderr }) => stderr).join('')).not.toContain('IMAGES_PURGE_SHARDS');
      expect(bench.simulator.record.deleted).toEqual(new Set(ids));
      expect(bench.deleteCount).toBe(60);
      // The same as by the option: what a pod has begun, a person can look at and go on with.
      const again = await startShard(bench, 0, shardOption(0)).finished;
      expect(summaryOf(again).intake['accepted']).toBe(summaryOf(results[0] ?? again).intake['accepted']);
    }));

  it.each([
    [['--shard', '3/3'], {}],
    [[], { IMAGES_PURGE_SHARDS: '3' }],
  ])('that do not exist are refused before anything is read: %j, %j', (more, env) =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      const result = await bench.delete(more, { env });
      expect(result.exitCode).toBe(2);
      expect(bench.simulator.record.requestCount).toBe(0);
    }),
  );

  it('are told together by status and report; a rejected row, which each of them read, once', () =>
    withPurgeProcesses({ rules: { poisonIds: [], refusedIds: ['image-000003'], firewallIds: [] } }, async (bench) => {
      const ids = makeIds(60);
      bench.write('ids.csv', `id\n${ids.join('\n')}\n..\n${ids[0]}\nimage-000007\n`);
      bench.write('keep.txt', 'image-000005\nimage-000006\n');
      const results = await Promise.all(
        SHARDS.map((index) => startShard(bench, index, [...shardOption(index), '--exclude', 'keep.txt']).finished),
      );
      expect(results.map(({ exitCode }) => exitCode)).toEqual([1, 1, 1]);

      const status = JSON.parse((await bench.run(['status', ...CHECKPOINTS, '--json'])).stdout) as ReturnType<typeof summaryOf>;
      expect(status).toMatchObject({
        state: 'finished',
        intake: { complete: true, rows: 63, accepted: 58, duplicates: 2, protected: 2, rejected: 1, skipped: 0 },
        outcomes: { deleted: 57, absent: 0, failed: 1 },
        pending: 0,
      });

      const report = await bench.run(['report', ...CHECKPOINTS, '-o', 'all.ndjson']);
      expect(report.exitCode).toBe(0);
      const outcomes = bench.outcomes('all.ndjson');
      expect(new Set(outcomes.keys())).toEqual(new Set(ids));
      expect([...outcomes].filter(([, outcome]) => outcome !== 'deleted')).toEqual(
        expect.arrayContaining([
          ['image-000003', 'failed'],
          ['image-000005', 'protected'],
          ['image-000006', 'protected'],
        ]),
      );
      expect(
        bench
          .report('all.ndjson')
          .filter(({ outcome }) => outcome === 'rejected')
          .map(({ raw, line }) => [raw, line]),
      ).toEqual([['..', 62]]);
      const failed = await bench.run(['report', ...CHECKPOINTS, '--outcome', 'failed']);
      expect(failed.stdout.split('\n').filter((line) => line !== '')).toHaveLength(1);
    }));

  it('go on as recorded: resume needs no option, obeys no other environment, and the rate stays divided', () =>
    withPurgeProcesses({}, async (bench) => {
      const ids = makeIds(75);
      bench.writeIds('ids.csv', ids);
      const begun = startShard(bench, 1, [...shardOption(1), '--rate', '60/6s']);
      await bench.simulator.whenRequests(8);
      begun.child.kill('SIGKILL');
      await begun.finished;
      const resumed = await bench.run(['resume', 's1.checkpoint', '--json', '--rate', '60/6s'], {
        env: { JOB_COMPLETION_INDEX: '2', IMAGES_PURGE_SHARDS: '3' },
      });
      expect(resumed.exitCode).toBe(0);
      const { intake } = summaryOf(resumed);
      expect(intake['rows']).toBe(75);
      expect(bench.simulator.record.deleted.size).toBe(intake['accepted']);
      expect(mostInAnyWindow(bench.simulator.record.requests, seenMs(6_000))).toBeLessThanOrEqual(20);
      // The other two have the rest, and none of it twice.
      for (const index of [0, 2]) expect((await startShard(bench, index, shardOption(index)).finished).exitCode).toBe(0);
      expect(bench.simulator.record.deleted).toEqual(new Set(ids));
    }));

  it('of another number, or none, at an unfinished one’s checkpoint are another list: exit 7, nothing sent', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(90));
      expect((await startShard(bench, 0, [...shardOption(0), '--limit', '5']).finished).exitCode).toBe(8);
      const sent = bench.simulator.record.requestCount;
      for (const more of [['--shard', '1/3'], []]) {
        const other = await startShard(bench, 0, more).finished;
        expect(other.exitCode).toBe(7);
        expect(other.stderr).toContain('--supersede');
      }
      const resumed = await bench.run(['resume', 's0.checkpoint', '--shard', '1/3']);
      expect(resumed.exitCode).toBe(2);
      expect(bench.simulator.record.requestCount).toBe(sent);
      expect((await startShard(bench, 0, shardOption(0)).finished).exitCode).toBe(0);
    }));
});
