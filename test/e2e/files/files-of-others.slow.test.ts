import { copyFileSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { makeIds, summaryOf, withPurge, withPurgeProcesses } from '../../support/purge/purge.ts';
import { createGate } from '../../support/purge/traffic.ts';

const LIST = 'the only copy\n';

describe('a file that is there and not empty', () => {
  it('is not written over by report -o or simulate --record: exit 2, which names --force; with it, it is', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      await bench.delete();
      bench.write('old.txt', LIST);
      bench.write('keep.txt', LIST);
      const commands = [
        { args: ['report', 'ids.csv.checkpoint', '-o', 'old.txt'], file: 'old.txt', option: '-o' },
        { args: ['report', 'ids.csv.checkpoint', '--format', 'csv', '-o', 'old.txt'], file: 'old.txt', option: '-o' },
        { args: ['simulate', '--record', 'keep.txt'], file: 'keep.txt', option: '--record' },
      ];
      for (const { args, file, option } of commands) {
        const refused = await bench.run(args);
        expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
        expect(refused.stderr).toContain(`${file} exists already and is not empty; it was not touched.`);
        expect(refused.stderr).toContain(`another file with ${option}, or write over this one with --force`);
        expect(bench.read(file)).toBe(LIST);
      }
      bench.write('empty.txt', '');
      expect((await bench.run(['report', 'ids.csv.checkpoint', '-o', 'empty.txt'])).exitCode).toBe(0);
      expect((await bench.run(['report', 'ids.csv.checkpoint', '-o', 'old.txt', '--force'])).exitCode).toBe(0);
      expect([bench.report('empty.txt').length, bench.report('old.txt').length]).toEqual([3, 3]);
      const simulator = bench.start(['simulate', '--record', 'keep.txt', '--force']);
      await simulator.waitForStderr(/answers at/);
      simulator.child.kill('SIGINT');
      await simulator.finished;
      expect(bench.read('keep.txt')).toBe('');
    }));
});

const CHECKPOINT = 'ids.csv.checkpoint';
const REPORT = `${CHECKPOINT}.report.ndjson`;

describe('a checkpoint that was copied', () => {
  it('gets a report of its own when it goes on, and when it is replaced or set aside that of the original stays', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(10));
      expect((await bench.delete(['--limit', '4'])).exitCode).toBe(8);
      for (const copy of ['copy', 'superseded']) copyFileSync(bench.path(CHECKPOINT), bench.path(copy));
      expect((await bench.delete()).exitCode).toBe(0);
      const whole = bench.read(REPORT);
      const resumed = await bench.run(['resume', 'copy', '--rate', 'unlimited', '--expect-absent']);
      expect(resumed.exitCode, resumed.stderr).toBe(0);
      expect(resumed.stderr).toMatch(/the report of \S*copy is \S*copy\.report\.ndjson from now on, and \S*ids\.csv\S+ is left as it is/);
      expect(bench.read(REPORT)).toBe(whole);
      expect(bench.outcomes('copy.report.ndjson').size).toBe(10);
      bench.writeIds('other.csv', ['other']);
      const superseding = bench.deleteArgs('other.csv', '--checkpoint', 'superseded', '--supersede');
      expect((await bench.run(superseding)).exitCode).toBe(0);
      expect(bench.read(REPORT)).toBe(whole);
      expect([...bench.outcomes('superseded.report.ndjson').keys()]).toEqual(['other']);
    }));

  it('of a plan leaves the plan its report when it is replaced', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', [...makeIds(2), '..']);
      await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url]);
      copyFileSync(bench.path(CHECKPOINT), bench.path('copy'));
      await bench.run(['plan', 'ids.csv', '--checkpoint', 'copy', '--base-url', bench.simulator.url]);
      expect(bench.report().length).toBe(1);
    }));

  it('and moved: it goes on with its report under the new name, where that lies beside it or was given', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(6));
      expect((await bench.delete(['--limit', '2', '--report', 'r.ndjson'])).exitCode).toBe(8);
      renameSync(bench.path(CHECKPOINT), bench.path('moved'));
      expect((await bench.run(['resume', 'moved', '--rate', 'unlimited'])).exitCode).toBe(0);
      expect(bench.outcomes('r.ndjson').size).toBe(6);
      expect(readdirSync(bench.folder).toSorted()).toEqual(['ids.csv', 'moved', 'r.ndjson']);
    }));
});

describe('one --report for two purges', () => {
  it('is the first one’s while it runs, if nothing is in it yet: the second is exit 2 and sends nothing', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      bench.writeIds('other.csv', makeIds(3, 'other'));
      const otherIsRefused = createGate();
      bench.simulator.override(({ method }) => (method === 'DELETE' ? otherIsRefused.opened.then(() => undefined) : undefined));
      const first = bench.startDelete(['--report', 'r.ndjson']);
      await bench.untilExists('r.ndjson');
      const second = await bench.run(bench.deleteArgs('other.csv', '--report', 'r.ndjson', '--allow-parallel'));
      otherIsRefused.open();
      expect(second.exitCode).toBe(2);
      expect(second.stderr).toMatch(/another run is writing the report \S*r\.ndjson; nothing was sent/);
      expect((await first.finished).exitCode).toBe(0);
      expect(bench.outcomes('r.ndjson').size).toBe(3);
      expect([...bench.simulator.record.deleted].filter((id) => id.startsWith('other'))).toEqual([]);
    }));

  it('is whose lines it holds: the purge that had claimed it empty is exit 2 when it goes on', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      bench.writeIds('other.csv', makeIds(3, 'other'));
      await bench.run(['plan', 'ids.csv', '--report', 'r.ndjson', '--base-url', bench.simulator.url]);
      expect((await bench.run(bench.deleteArgs('other.csv', '--report', 'r.ndjson'))).exitCode).toBe(0);
      const lines = bench.read('r.ndjson');
      const refused = await bench.resume(['--yes']);
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toMatch(/the report \S*r\.ndjson exists already and is not this purge's; it was not touched/);
      expect(bench.read('r.ndjson')).toBe(lines);
      expect((await bench.resume(['--yes', '--report', 'own.ndjson'])).exitCode).toBe(0);
      expect([bench.read('r.ndjson'), bench.outcomes('own.ndjson').size]).toEqual([lines, 3]);
    }));
});

describe('what somebody has put where a report was', () => {
  it('is not removed with a plan, nor written over by a purge that goes on: it is moved aside, which is told', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(4));
      await bench.run(['plan', 'ids.csv', '--report', 'f.txt', '--base-url', bench.simulator.url]);
      bench.write('f.txt', LIST);
      expect((await bench.resume(['--yes', '--limit', '1', '--report', 'g.ndjson'])).exitCode).toBe(8);
      expect(bench.read('f.txt')).toBe(LIST);
      bench.write('g.ndjson', LIST);
      const resumed = await bench.resume();
      expect(resumed.exitCode).toBe(0);
      expect(resumed.stderr).toMatch(/what lay at \S*g\.ndjson was not this purge's report; it is \S*g\.ndjson\.other now/);
      expect([bench.read('f.txt'), bench.read('g.ndjson.other'), bench.outcomes('g.ndjson').size]).toEqual([LIST, LIST, 4]);
    }));
});

describe('old pairs', () => {
  it('go with their report, and one that was given to a purge set aside stays', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(2));
      expect((await bench.delete()).exitCode).toBe(0);
      expect((await bench.delete(['--expect-absent'])).exitCode).toBe(0);
      const [old = ''] = readdirSync(bench.folder).filter((name) => /checkpoint\.\d+T\d+Z$/.test(name));
      const chosen = await bench.run(['resume', old, '--retry-failed', '--report', 'chosen.ndjson']);
      expect(chosen.exitCode, chosen.stderr).toBe(0);
      expect((await bench.delete(['--expect-absent', '--keep', '0'])).exitCode).toBe(0);
      expect(readdirSync(bench.folder).toSorted()).toEqual(['chosen.ndjson', 'ids.csv', CHECKPOINT, REPORT]);
    }));

  it('with unsent IDs: --supersede tells how many and where, keeps them with --keep 0, and their later removal is told', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      expect((await bench.delete(['--limit', '2'])).exitCode).toBe(8);
      bench.writeIds('ids.csv', makeIds(1, 'new'));
      const superseding = await bench.delete(['--supersede', '--keep', '0']);
      expect(superseding.exitCode).toBe(0);
      const told = /3 IDs of the unfinished purge of ids\.csv are unsent; it was set aside as (\S+)\. To go on with it: {2}(.+)/;
      const [, path = '', command = ''] = told.exec(superseding.stderr) ?? [];
      expect(command).toContain(path);
      expect(summaryOf(await bench.run(['status', path, '--json'])).pending).toBe(3);
      const next = await bench.delete(['--keep', '0', '--expect-absent']);
      expect(next.stderr).toContain(`removed by --keep: ${path}, of which 3 IDs had not been sent`);
      expect(existsSync(path)).toBe(false);
    }));
});

describe('a dry run', () => {
  it('takes the place of an earlier one’s report, of nothing else', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', [...makeIds(3), '..']);
      for (const count of [3, 2]) {
        bench.writeIds('ids.csv', [...makeIds(count), '..']);
        const dryRun = await bench.run(['delete', 'ids.csv', '-n', '--report', 'dry.ndjson', '--base-url', bench.simulator.url]);
        expect(dryRun.exitCode, dryRun.stderr).toBe(1);
        expect(bench.report('dry.ndjson').length).toBe(count + 1);
      }
      const planned = bench.read('dry.ndjson');
      for (const text of [
        `${planned}mine\n`,
        planned.replaceAll('planned', 'deleted'),
        '{"id":"a","outcome":"protected","source":"x","line":1}\n',
      ]) {
        bench.write('dry.ndjson', text);
        const refused = await bench.run(['delete', 'ids.csv', '-n', '--report', 'dry.ndjson', '--base-url', bench.simulator.url]);
        expect(refused.exitCode).toBe(2);
        expect(bench.read('dry.ndjson')).toBe(text);
      }
      bench.write('dry.ndjson', planned);
      expect((await bench.delete(['--report', 'dry.ndjson'])).exitCode).toBe(2);
    }));
});

describe('the lock file removed while a run works', () => {
  it('lets no second run in, and ends the run at its next commit: exit 5; nothing is sent twice', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(60));
      const goOn = createGate();
      bench.simulator.override(({ seq }) => (seq > 30 ? goOn.opened.then(() => undefined) : undefined));
      const first = bench.startDelete(['--concurrency', '3']);
      // Stats and 29 IDs were answered, and all of it is committed: the first run looks at its lock again only with its next answer.
      await bench.untilPending(31);
      rmSync(bench.path(`${CHECKPOINT}.lock`));
      for (const second of [await bench.delete(), await bench.resume()]) {
        expect(second.exitCode).toBe(6);
        expect(second.stderr).toMatch(/another run holds the checkpoint/);
      }
      goOn.open();
      const ended = await first.finished;
      expect(ended.exitCode).toBe(5);
      expect(ended.stderr).toMatch(/the lock file \S+ was removed or replaced while the run worked/);
      expect((await bench.delete()).exitCode).toBe(0);
      expect([bench.deleteCount, bench.outcomes().size]).toEqual([60, 60]);
    }));
});

describe('a checkpoint without its -wal', () => {
  it('after a kill is exit 5 for every command and names the file; put back, or told to be empty, it goes on', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(200));
      bench.writeIds('keep.txt', makeIds(200).slice(190));
      const goOn = createGate();
      bench.simulator.override(({ seq }) => (seq > 100 ? goOn.opened.then(() => undefined) : undefined));
      const running = bench.startDelete(['--concurrency', '2', '--exclude', 'keep.txt']);
      await bench.simulator.whenRequests(100);
      running.child.kill('SIGKILL');
      await running.finished;
      const wal = `${CHECKPOINT}-wal`;
      renameSync(bench.path(wal), bench.path('wal'));
      const before = bench.readBytes(CHECKPOINT);
      const commands = [
        ['status', CHECKPOINT],
        ['report', CHECKPOINT],
        ['resume', CHECKPOINT, '--yes'],
        bench.deleteArgs('ids.csv', '--supersede'),
        ['plan', 'ids.csv', '--base-url', bench.simulator.url],
      ];
      const requestCount = bench.simulator.record.requestCount;
      for (const args of commands) {
        const refused = await bench.run(args);
        expect(refused.exitCode, refused.stderr).toBe(5);
        expect(refused.stderr).toMatch(/error: \S*ids\.csv\.checkpoint-wal is missing\. The run that worked on the checkpoint was killed/);
      }
      expect(bench.readBytes(CHECKPOINT)).toEqual(before);
      expect([existsSync(bench.path(wal)), bench.simulator.record.requestCount]).toEqual([false, requestCount]);
      goOn.open();
      renameSync(bench.path('wal'), bench.path(wal));
      expect((await bench.delete()).exitCode).toBe(0);
      expect(bench.outcomes().size).toBe(200);
      // After a clean end there is none, and none is missed.
      expect(existsSync(bench.path(wal))).toBe(false);
      expect((await bench.run(['status', CHECKPOINT])).exitCode).toBe(0);
    }));
});
