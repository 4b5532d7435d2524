import { appendFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { failure } from '../../src/simulator/simulated-answers.ts';
import { contradictions } from '../support/purge/oracle.ts';
import { makeIds, type PurgeBench, withPurge } from '../support/purge/purge.ts';
import { createGate } from '../support/purge/traffic.ts';

const IDS = makeIds(300);
const REPORT = 'ids.csv.checkpoint.report.ndjson';

/** What somebody else may do to a report. */
const DEEDS: readonly (readonly [string, (path: string, bench: PurgeBench) => void])[] = [
  ['deleted', (path) => rmSync(path)],
  ['emptied', (path) => truncateSync(path, 0)],
  ['cut in the middle of a line', (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2) + 7)],
  ['cut by one byte', (path) => truncateSync(path, readFileSync(path).length - 1)],
  ['appended to', (path) => appendFileSync(path, '{"id":"image-000299","outcome":"deleted"}\n')],
  ['appended to without a line end', (path) => appendFileSync(path, 'half a li')],
  ['written over', (path) => writeFileSync(path, readFileSync(path, 'utf8').replaceAll('deleted', 'DELETED'))],
  [
    'replaced by a link to a file of theirs',
    (path, bench) => {
      rmSync(path);
      bench.write('theirs', 'theirs\n');
      symlinkSync(bench.path('theirs'), path);
    },
  ],
];

describe('a report that between two runs somebody has', () => {
  it.each(DEEDS)('%s is as it should be after the next', (_, deed) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      expect((await bench.delete(['--limit', '120'])).exitCode).toBe(8);
      deed(bench.path(REPORT), bench);
      expect((await bench.delete()).exitCode).toBe(0);
      expect(contradictions(bench, { accepted: IDS })).toEqual([]);
      expect(bench.deleteCount).toBe(IDS.length);
      if (existsSync(bench.path('theirs'))) expect(bench.read('theirs')).toBe('theirs\n');
    }),
  );

  it('replaced by a folder stops the next with exit 5; once the folder is gone the same command finishes', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      expect((await bench.delete(['--limit', '120'])).exitCode).toBe(8);
      rmSync(bench.path(REPORT));
      mkdirSync(bench.path(REPORT));
      const stopped = await bench.delete();
      expect(stopped.exitCode).toBe(5);
      expect(stopped.stderr).toMatch(/the report .*report\.ndjson cannot be written \(.+\)\.\n {7}\S/);
      expect(bench.deleteCount).toBe(120);
      rmdirSync(bench.path(REPORT));
      expect((await bench.delete()).exitCode).toBe(0);
      expect(contradictions(bench, { accepted: IDS })).toEqual([]);
    }));
});

describe('a report that during a run somebody has', () => {
  it.each(DEEDS.filter(([name]) => ['deleted', 'cut by one byte', 'replaced by a link to a file of theirs'].includes(name)))(
    '%s is as it should be at its end',
    (_, deed) =>
      withPurge({ latencyMs: 3 }, async (bench) => {
        bench.writeIds('ids.csv', IDS);
        const running = bench.startDelete(['--concurrency', '2']);
        await bench.simulator.whenRequests(120);
        deed(bench.path(REPORT), bench);
        expect((await running.finished).exitCode).toBe(0);
        expect(contradictions(bench, { accepted: IDS })).toEqual([]);
      }),
  );

  it.each([
    ['a limit', ['--max-failures', '0'], undefined, 5],
    ['a signal', [], 'SIGINT', 130],
  ] as const)('replaced by a folder is told of a run that %s has ended, too', (_, options, signal, exitCode) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      const isReplaced = createGate();
      bench.simulator.override(({ seq }) => (seq > 120 ? isReplaced.opened.then(() => failure(400, 5400, 'Bad image')) : undefined));
      const running = bench.startDelete(['--concurrency', '2', ...options]);
      await bench.simulator.whenRequests(110);
      rmSync(bench.path(REPORT));
      mkdirSync(bench.path(REPORT));
      if (signal !== undefined) {
        running.child.kill(signal);
        await running.waitForStderr(/stopping/);
      }
      isReplaced.open();
      const ended = await running.finished;
      expect(ended).toMatchObject({ exitCode });
      expect(ended.stderr).toMatch(/the report .*report\.ndjson cannot be written/);
      rmdirSync(bench.path(REPORT));
      bench.simulator.override(undefined);
      await bench.delete();
      expect(bench.outcomes().size).toBe(IDS.length);
    }),
  );
});
