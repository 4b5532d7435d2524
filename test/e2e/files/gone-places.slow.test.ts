import { mkdirSync, renameSync, rmSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { makeIds, type PurgeBench, withPurge } from '../../support/purge/purge.ts';

/** So many that a run which does not stop sends them for a minute. */
const IDS = makeIds(12_000);

/** Starts a purge with its files in a folder of their own, and does something to them when a few IDs are deleted. */
async function whileItRuns(bench: PurgeBench, more: readonly string[], act: () => void) {
  mkdirSync(bench.path('work'));
  bench.writeIds('ids.csv', IDS);
  const running = bench.startDelete(['--checkpoint', 'work/x.checkpoint', '--rate', '200/s', ...more]);
  await bench.simulator.whenRequests(5);
  act();
  return running.finished;
}

describe('what lies where a run works is taken away under it', () => {
  it('the folder of the checkpoint is removed: exit 5, and nothing more is sent', () =>
    withPurge({}, async (bench) => {
      const result = await whileItRuns(bench, [], () => rmSync(bench.path('work'), { recursive: true }));
      expect(result.exitCode, result.stderr).toBe(5);
      expect(result.stderr).toMatch(/the checkpoint \S+x\.checkpoint is not in its place any more/);
      expect(result.stderr).toContain('--expect-absent');
      expect(bench.deleteCount).toBeLessThan(IDS.length);
    }));

  it('the folder of the checkpoint is renamed: put back, the same command sends what is left and nothing twice', () =>
    withPurge({}, async (bench) => {
      const result = await whileItRuns(bench, [], () => renameSync(bench.path('work'), bench.path('elsewhere')));
      expect(result.exitCode, result.stderr).toBe(5);
      expect(result.stderr).toMatch(/not in its place any more.*put it back/s);
      renameSync(bench.path('elsewhere'), bench.path('work'));
      const again = await bench.delete(['--checkpoint', 'work/x.checkpoint', '--limit', '500']);
      expect(again.exitCode, again.stderr).toBe(8);
      expect([...bench.simulator.record.deleteRequests.values()].every((count) => count === 1)).toBe(true);
      expect(bench.outcomes('work/x.checkpoint.report.ndjson').size).toBe(bench.deleteCount);
    }));

  it('its lock file is removed: exit 5, since a second run could have begun; the same command goes on', () =>
    withPurge({}, async (bench) => {
      const result = await whileItRuns(bench, [], () => rmSync(bench.path('work/x.checkpoint.lock')));
      expect(result.exitCode, result.stderr).toBe(5);
      expect(result.stderr).toMatch(/the lock file \S+x\.checkpoint\.lock was removed or replaced/);
      const again = await bench.delete(['--checkpoint', 'work/x.checkpoint', '--limit', '500']);
      expect(again.exitCode, again.stderr).toBe(8);
      expect([...bench.simulator.record.deleteRequests.values()].every((count) => count === 1)).toBe(true);
    }));

  it('the folder of the report is removed: exit 5 at the end, and every answer is in the checkpoint', () =>
    withPurge({}, async (bench) => {
      mkdirSync(bench.path('reports'));
      const more = ['--report', 'reports/r.ndjson', '--limit', '50'];
      const result = await whileItRuns(bench, more, () => rmSync(bench.path('reports'), { recursive: true }));
      expect(result.exitCode, result.stderr).toBe(5);
      expect(result.stderr).toMatch(/the report \S*r\.ndjson cannot be written.*Every answer so far is in the checkpoint/s);
      mkdirSync(bench.path('reports'));
      const again = await bench.run(['resume', 'work/x.checkpoint', '--limit', '10', '--rate', 'unlimited']);
      expect(again.exitCode, again.stderr).toBe(8);
      expect(bench.outcomes('reports/r.ndjson').size).toBe(60);
    }));

  it('the folders of the list and of the log are removed: the run holds both open, and goes on', () =>
    withPurge({}, async (bench) => {
      mkdirSync(bench.path('lists'));
      mkdirSync(bench.path('logs'));
      bench.writeIds('lists/more.csv', makeIds(40, 'more'));
      const more = ['lists/more.csv', '--log-file', 'logs/x.log', '--limit', '50'];
      const result = await whileItRuns(bench, more, () => {
        rmSync(bench.path('lists'), { recursive: true });
        rmSync(bench.path('logs'), { recursive: true });
      });
      expect(result.exitCode, result.stderr).toBe(8);
      expect(bench.deleteCount).toBe(50);
    }));
});
