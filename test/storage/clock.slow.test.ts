import { describe, expect, it } from 'vitest';

import { CLI_PATH, type RunningCli, startProgram } from '../support/cli/cli.ts';
import { FAKETIME_LIBRARY } from '../support/machine/faketime.ts';
import { contradictions } from '../support/purge/oracle.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge } from '../support/purge/purge.ts';

const IDS = makeIds(200);

/** The command under a wall clock that is as many hours off as the file `offset` says at that instant; other clocks stay true. */
function start(bench: PurgeBench, more: readonly string[] = []): RunningCli {
  const env = {
    LD_PRELOAD: FAKETIME_LIBRARY ?? '',
    FAKETIME_TIMESTAMP_FILE: bench.path('offset'),
    FAKETIME_NO_CACHE: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
  const args = ['delete', 'ids.csv', '--yes', '--json', '--fail-on-absent', '--concurrency', '2', '--base-url', bench.simulator.url];
  return startProgram(process.execPath, [CLI_PATH, ...args, ...(more.includes('--rate') ? [] : ['--rate', 'unlimited']), ...more], {
    cwd: bench.folder,
    env,
  });
}

describe.skipIf(FAKETIME_LIBRARY === undefined)('the wall clock set', () => {
  it.each([
    ['four minutes back', ['+0', '-4m']],
    ['an hour forth', ['+0', '+1h']],
  ] as const)('%s between two runs, the first of them killed: nothing is lost and nothing held up', (_, [before, after]) =>
    withPurge({ latencyMs: 3 }, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      bench.write('offset', before);
      const killed = start(bench);
      await bench.simulator.whenRequests(80);
      killed.child.kill('SIGKILL');
      await killed.finished;
      bench.write('offset', after);
      const result = await start(bench).finished;
      expect(result.exitCode).toBe(0);
      expect(contradictions(bench, { accepted: IDS })).toEqual([]);
    }),
  );

  it('an hour back between two runs: how old the purge is cannot be told, and it waits for the right time', () =>
    withPurge({ latencyMs: 3 }, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      bench.write('offset', '+0');
      const killed = start(bench);
      await bench.simulator.whenRequests(80);
      killed.child.kill('SIGKILL');
      await killed.finished;
      bench.write('offset', '-1h');
      const refused = await start(bench).finished;
      expect([refused.exitCode, refused.stderr]).toEqual([7, expect.stringContaining('which is in the future') as string]);
      bench.write('offset', '+0');
      expect((await start(bench).finished).exitCode).toBe(0);
      expect(contradictions(bench, { accepted: IDS })).toEqual([]);
    }));

  it('an hour back and two forth during a run: the pace, the times and the outcomes hold', () =>
    withPurge({ latencyMs: 3 }, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      bench.write('offset', '+0');
      const running = start(bench, ['--rate', '100/s']);
      await bench.simulator.whenRequests(60);
      bench.write('offset', '-1h');
      await bench.simulator.whenRequests(120);
      bench.write('offset', '+1h');
      const result = await running.finished;
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result).run['elapsedMs']).toBeLessThan(60_000);
      expect(contradictions(bench, { accepted: IDS })).toEqual([]);
      expect(bench.deleteCount).toBe(IDS.length);
    }));

  it('back behind the finish of an earlier purge: that one is set aside under a name of its own, and both stay whole', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      bench.write('offset', '+0');
      expect((await start(bench).finished).exitCode).toBe(0);
      const newIds = makeIds(100, 'new');
      bench.writeIds('ids.csv', newIds);
      bench.write('offset', '-1h');
      expect((await start(bench).finished).exitCode).toBe(0);
      expect(contradictions(bench, { accepted: newIds, acceptedElsewhere: IDS })).toEqual([]);
    }));
});
