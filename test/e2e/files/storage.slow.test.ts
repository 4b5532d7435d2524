import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { failure } from '../../../src/simulator/simulated-answers.ts';
import { CLI_PATH, type RunningCli, startProgram } from '../../support/cli/cli.ts';
import { makeIds, summaryOf, withPurge } from '../../support/purge/purge.ts';
import { CAN_MOUNT, SmallDisk } from '../../support/machine/small-disk.ts';
import { createGate } from '../../support/purge/traffic.ts';

describe.skipIf(!CAN_MOUNT)('a full disk', () => {
  it('under the checkpoint during intake: exit 5, and with more space the same command finishes', () =>
    withPurge({}, async (bench) => {
      using disk = new SmallDisk(bench.path('disk'), '700k');
      const ids = makeIds(30_000);
      bench.writeIds('ids.csv', ids);
      const args = ['--checkpoint', 'disk/c', '--report', 'r.ndjson', '--min-ids', '1'];
      const full = await bench.delete(args);
      expect(full.exitCode).toBe(5);
      expect(full.stderr).toMatch(/the disk that holds the checkpoint .*disk\/c is full/);
      expect(bench.deleteCount).toBe(0);
      disk.grow('40m');
      expect((await bench.delete([...args, '--concurrency', '50'])).exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(30_000);
      expect(bench.outcomes('r.ndjson').size).toBe(30_000);
    }));

  it('under the checkpoint while deleting: nothing is reported that is not recorded, nothing is lost', () =>
    withPurge({ latencyMs: 1 }, async (bench) => {
      using disk = new SmallDisk(bench.path('disk'), '40m');
      const ids = makeIds(8_000);
      bench.writeIds('ids.csv', ids);
      const args = ['--checkpoint', 'disk/c', '--report', 'r.ndjson'];
      const running = bench.startDelete(args);
      await bench.simulator.whenRequests(1_000);
      disk.fill();
      const full = await running.finished;
      expect(full.exitCode).toBe(5);
      expect(full.stderr).toContain('is full');
      disk.free();
      disk.grow('60m');
      expect((await bench.delete(args)).exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(8_000);
      expect([...bench.outcomes('r.ndjson').keys()].sort()).toEqual(ids);
    }));

  it('under the report: the run stops after committing every answer, and the report catches up', () =>
    withPurge({}, async (bench) => {
      using disk = new SmallDisk(bench.path('disk'), '64k');
      bench.writeIds('ids.csv', makeIds(3_000));
      const full = await bench.delete(['--report', 'disk/r.ndjson']);
      expect(full.exitCode).toBe(5);
      expect(full.stderr).toContain('the report disk/r.ndjson cannot be written');
      expect(summaryOf(full).outcomes['deleted']).toBe(bench.simulator.record.deleted.size);
      disk.grow('10m');
      expect((await bench.resume()).exitCode).toBe(0);
      expect(bench.outcomes('disk/r.ndjson').size).toBe(3_000);
      expect(bench.deleteCount).toBe(3_000);
    }));

  it('under the log warns once, and the run goes on', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(300));
      const result = await bench.delete(['--log-file', '/dev/full']);
      expect(result.exitCode).toBe(0);
      expect(result.stderr.match(/warning: the log/g)).toHaveLength(1);
    }));
});

describe('files in the way', () => {
  it('a folder at --checkpoint, or a folder that is not there: exit 5', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      mkdirSync(bench.path('folder'));
      expect((await bench.delete(['--checkpoint', 'folder'])).exitCode).toBe(5);
      expect((await bench.delete(['--checkpoint', 'nowhere/c'])).exitCode).toBe(5);
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it('a report that cannot be created: exit 5, nothing is sent', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      const result = await bench.delete(['--report', 'nowhere/r.ndjson']);
      expect(result.exitCode).toBe(5);
      expect(bench.deleteCount).toBe(0);
    }));

  it('a checkpoint by two names is one checkpoint with one lock', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(500));
      const firstIsGone = createGate();
      bench.simulator.override(({ seq }) => (seq > 60 ? firstIsGone.opened.then(() => undefined) : undefined));
      const running = bench.startDelete();
      await bench.simulator.whenRequests(50);
      symlinkSync('ids.csv.checkpoint', bench.path('other-name'));
      expect((await bench.run(['resume', 'other-name'])).exitCode).toBe(6);
      running.child.kill('SIGKILL');
      await running.finished;
      firstIsGone.open();
      expect((await bench.run(['resume', 'other-name', '--rate', 'unlimited'])).exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(500);
    }));

  it('a checkpoint damaged in its middle: exit 5, nothing is sent', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(20_000));
      expect((await bench.delete(['--limit', '10'])).exitCode).toBe(8);
      const bytes = Buffer.from(bench.readBytes('ids.csv.checkpoint'));
      bytes.fill(0xa5, bytes.length / 2, bytes.length / 2 + 4_096);
      writeFileSync(bench.path('ids.csv.checkpoint'), bytes);
      const result = await bench.delete();
      expect(result.exitCode).toBe(5);
      expect(result.stderr).toContain('is damaged');
      expect(bench.deleteCount).toBe(10);
    }));

  it('stdout closed under --report -: the run stops with exit 5, and the next one writes what was not read', () =>
    withPurge({ latencyMs: 2 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5_000));
      const running = bench.startDelete(['--report', '-']);
      await bench.simulator.whenRequests(200);
      running.child.stdout?.destroy();
      expect((await running.finished).exitCode).toBe(5);
      const rest = await bench.delete(['--report', '-']);
      expect(rest.exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(5_000);
      expect(bench.deleteCount).toBe(5_000);
    }));

  it.each([
    ['a signal', [], 130, /Stopped by SIGINT: 5,000 of 5,000 IDs deleted, 0 are left\./],
    ['--max-duration', ['--max-duration', '4s'], 8, /Stopped by --max-duration[:;] /],
  ] as const)(
    'a stdout that nobody reads under --report - holds back no run that is stopped by %s, and the next one writes what was not read',
    (_, options, exitCode, ending) =>
      withPurge({}, async (bench) => {
        bench.writeIds('ids.csv', makeIds(5_000));
        const running = bench.startDelete(['--report', '-', '--concurrency', '200', ...options]);
        running.child.stdout?.pause();
        // Unread, its end would never be seen.
        running.child.once('exit', () => running.child.stdout?.resume());
        if (options.length === 0) {
          await bench.simulator.whenRequests(5_001);
          running.child.kill('SIGINT');
        }
        const stopped = await running.finished;
        expect(stopped).toMatchObject({ exitCode });
        expect(stopped.stderr).toMatch(ending);
        const rest = await bench.delete(['--report', '-', '--concurrency', '200']);
        expect(rest.exitCode).toBe(0);
        expect(bench.deleteCount).toBe(5_000);
        const told = `${stopped.stdout}\n${rest.stdout}`.split('\n').map((line) => /^\{"id":"([^"]*)".*\}$/.exec(line)?.[1]);
        expect(new Set(told.filter((id) => id !== undefined)).size).toBe(5_000);
      }),
  );

  it('a stdout that nobody reads while a list is read again: what failed in the run before is told all the same', () =>
    withPurge({}, async (bench) => {
      const ids = makeIds(5_000);
      bench.simulator.override(({ method }) => (method === 'DELETE' ? failure(400, 5400, 'Bad image') : undefined));
      const args = ['--checkpoint', 'c', '--report', '-', '--concurrency', '200'];
      const startUnread = (more: readonly string[] = []): RunningCli => {
        const running = bench.startPipe([...args, ...more]);
        running.child.stdout?.pause();
        running.child.once('exit', () => running.child.stdout?.resume());
        running.child.stdin?.write(`${ids.join('\n')}\n`);
        return running;
      };
      const killed = startUnread();
      await bench.simulator.whenRequests(ids.length + 1);
      killed.child.kill('SIGKILL');
      const stopped = startUnread(['--max-duration', '3s']);
      const texts = [(await killed.finished).stdout, (await stopped.finished).stdout];
      const last = await bench.startPipe(args, `${ids.join('\n')}\n`).finished;
      expect(last).toMatchObject({ exitCode: 1 });
      const told = [...texts, last.stdout]
        .flatMap((text) => text.split('\n'))
        .map((line) => /^\{"id":"([^"]*)","outcome":"failed".*\}$/.exec(line)?.[1]);
      expect(new Set(told.filter((id) => id !== undefined)).size).toBe(ids.length);
    }));

  it.skipIf(!existsSync('/dev/full'))(
    'stdout on a full disk under --report -: exit 5 names it, and the next run writes what was not told',
    () =>
      withPurge({}, async (bench) => {
        bench.writeIds('ids.csv', makeIds(50));
        const args = ['delete', 'ids.csv', '--yes', '--report', '-', '--rate', 'unlimited', '--base-url', bench.simulator.url];
        const full = await startProgram('sh', ['-c', 'exec "$@" >/dev/full', 'sh', process.execPath, CLI_PATH, ...args], {
          cwd: bench.folder,
        }).finished;
        expect(full.exitCode).toBe(5);
        expect(full.stderr).toContain('error: stdout cannot be written (ENOSPC: no space left on device).');
        const rest = await bench.delete(['--report', '-']);
        expect(rest.exitCode).toBe(0);
        expect(rest.stdout.split('\n').slice(0, -1)).toHaveLength(50);
        expect(bench.deleteCount).toBe(50);
      }),
  );
});
