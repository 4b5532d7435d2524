import { describe, expect, it } from 'vitest';

import { makeIds, type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

/** Leaves an unfinished purge of six IDs and a rejected row, two of them deleted. */
async function leaveUnfinished(bench: PurgeBench, more: readonly string[] = []): Promise<void> {
  bench.writeIds('ids.csv', [...makeIds(6), '..']);
  expect((await bench.delete(['--limit', '2', ...more])).exitCode).toBe(8);
}

describe('a guard given when going on that refuses', () => {
  it.each([
    ['--max-deletes', '5', 7],
    ['--max-deletes', '1%', 7],
    ['--min-ids', '7', 7],
    ['--strict', '', 7],
  ])('goes with its run: after %s %s the purge goes on as before', (option, value, exitCode) =>
    withPurge({ statsCount: 100 }, async (bench) => {
      await leaveUnfinished(bench);
      const refused = await bench.delete([option, value].filter((part) => part !== ''));
      expect(refused.exitCode).toBe(exitCode);
      expect(refused.stderr).toMatch(/nothing was sent/i);
      expect(bench.deleteCount).toBe(2);
      expect((await bench.delete(['--limit', '1'])).exitCode).toBe(8);
      expect(summaryOf(await bench.resume())).toMatchObject({ state: 'finished', pending: 0 });
    }),
  );

  it('takes the milder value that it asks for', () =>
    withPurge({}, async (bench) => {
      await leaveUnfinished(bench);
      expect((await bench.delete(['--max-deletes', '5'])).stderr).toContain('or raise --max-deletes');
      expect(summaryOf(await bench.delete(['--max-deletes', '6']))).toMatchObject({ state: 'finished' });
    }));

  it('stays in force where the run was killed before it could refuse', () =>
    withPurge({ statsCount: 100 }, async (bench) => {
      await leaveUnfinished(bench);
      bench.simulator.beginOutage('hang');
      const requestCount = bench.simulator.record.requestCount;
      const running = bench.startDelete(['--max-deletes', '1%']);
      await bench.simulator.whenRequests(requestCount + 1);
      running.child.kill('SIGKILL');
      await running.finished;
      bench.simulator.endOutage();
      const refused = await bench.resume();
      expect(refused.exitCode).toBe(7);
      expect(refused.stderr).toContain('--max-deletes 1% (recorded in ids.csv.checkpoint)');
      expect(bench.deleteCount).toBe(2);
    }));
});

it('a recorded guard that refuses a later run says that it is recorded, and a milder one does not help', () =>
  withPurge({}, async (bench) => {
    await leaveUnfinished(bench, ['--min-ids', '6']);
    bench.write('keep.txt', 'image-000005\n');
    for (const refused of [await bench.resume(['--exclude', 'keep.txt']), await bench.delete(['--min-ids', '1'])]) {
      expect(refused.exitCode).toBe(7);
      expect(refused.stderr).toContain('fewer than --min-ids 6 (recorded in ids.csv.checkpoint)');
      expect(refused.stderr).toContain('To do without it');
    }
    expect(bench.deleteCount).toBe(2);
  }));
