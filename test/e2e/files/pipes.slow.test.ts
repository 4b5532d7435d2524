import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readdirSync, readlinkSync } from 'node:fs';
import { setImmediate, setTimeout } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { suggestedAfter, suggestedCommands } from '../../support/cli/pasted.ts';
import type { RunningCli } from '../../support/cli/cli.ts';
import { makeIds, type PurgeBench, summaryOf, withPurgeProcesses } from '../../support/purge/purge.ts';

/** A named pipe, as `<(…)` of a shell is one, and somebody who writes to it once it is read. */
function feed(bench: PurgeBench, name: string, ...pieces: readonly string[]): Promise<void> {
  execFileSync('mkfifo', [bench.path(name)]);
  const pipe = createWriteStream(bench.path(name));
  // Nobody may read it; then it is never opened.
  pipe.on('error', () => undefined);
  return (async () => {
    for (const piece of pieces) if (!pipe.write(piece)) await once(pipe, 'drain');
    await new Promise<void>((resolve) => pipe.end(resolve));
  })();
}

/** Resolves when the run has the pipe open. */
async function untilOpened({ child }: RunningCli, path: string): Promise<void> {
  const folder = `/proc/${child.pid}/fd`;
  const isOpen = (fd: string): boolean => {
    try {
      return readlinkSync(`${folder}/${fd}`) === path;
    } catch {
      return false; // It has been closed since the folder was read.
    }
  };
  while (!readdirSync(folder).some(isOpen)) await setImmediate();
}

const deleteArgs = (bench: PurgeBench, source: string, ...more: string[]): string[] =>
  bench.deleteArgs(source, '--checkpoint', 'c', '--json', ...more);

describe('a named pipe as a source', () => {
  it('is never the list of before: with --supersede all of it is read and deleted', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(20));
      expect((await bench.run(deleteArgs(bench, 'ids.csv', '--limit', '5'))).exitCode).toBe(8);
      const fed = feed(bench, 'pipe', 'new-1\nnew-2\n');
      const result = await bench.run(deleteArgs(bench, 'pipe', '--supersede'));
      await fed;
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result)).toMatchObject({ intake: { accepted: 2 }, outcomes: { deleted: 2 } });
      expect(bench.simulator.record.deleted).toEqual(new Set([...makeIds(5), 'new-1', 'new-2']));
    }));

  it('that ends in the middle of a line may have been cut off: that row is rejected', () =>
    withPurgeProcesses({}, async (bench) => {
      const fed = feed(bench, 'pipe', 'whole\ncut-of');
      const result = await bench.run(deleteArgs(bench, 'pipe'));
      await fed;
      expect(result.exitCode).toBe(1);
      expect(bench.simulator.record.deleted).toEqual(new Set(['whole']));
    }));

  it('/dev/stdin is standard input: its checkpoint lies in the folder of the run', () =>
    withPurgeProcesses({}, async (bench) => {
      const args = ['delete', '/dev/stdin', '--yes', '--rate', 'unlimited', '--base-url', bench.simulator.url];
      expect((await bench.run(args, { input: 'a1\na2\n' })).exitCode).toBe(0);
      expect(bench.outcomes('images-purge.checkpoint.report.ndjson')).toEqual(
        new Map([
          ['a1', 'deleted'],
          ['a2', 'deleted'],
        ]),
      );
    }));
});

describe('a pipe that is silent for longer than --give-up-after', () => {
  it('does not end the run: there is nothing to send', () =>
    withPurgeProcesses({}, async (bench) => {
      const running = bench.start(deleteArgs(bench, '-', '--give-up-after', '5s'), { keepsInputOpen: true });
      // More than is looked at to find the form.
      const first = makeIds(1_000);
      running.child.stdin?.write(`${first.join('\n')}\n`);
      await bench.simulator.whenRequests(1 + first.length);
      await setTimeout(6_000);
      running.child.stdin?.end('last\n');
      expect((await running.finished).exitCode).toBe(0);
      expect(bench.simulator.record.deleted).toEqual(new Set([...first, 'last']));
    }));
});

describe.skipIf(!existsSync('/proc/self/fd'))('a named pipe that nobody writes to', () => {
  it('as a source: a signal ends the run that waits for it', () =>
    withPurgeProcesses({}, async (bench) => {
      execFileSync('mkfifo', [bench.path('pipe')]);
      const running = bench.start(deleteArgs(bench, 'pipe'));
      await untilOpened(running, bench.path('pipe'));
      await running.waitForStderr(/"source.waiting","source":"pipe","isTerminal":false/);
      running.child.kill('SIGTERM');
      expect(await running.finished).toMatchObject({ exitCode: 143, signal: null });
    }));

  it('as a list that protects: a signal ends the run that waits for it', () =>
    withPurgeProcesses({}, async (bench) => {
      execFileSync('mkfifo', [bench.path('keep')]);
      bench.writeIds('ids.csv', makeIds(3));
      const running = bench.startDelete(['--exclude', 'keep']);
      await untilOpened(running, bench.path('keep'));
      running.child.kill('SIGINT');
      const stopped = await running.finished;
      expect(stopped).toMatchObject({ exitCode: 130, signal: null });
      expect(summaryOf(stopped)).toMatchObject({ state: null, exitCode: 130 });
      expect(stopped.stderr).toContain('Stopped by SIGINT; nothing was sent.');
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it('before a purge goes on: its summary is that of the purge as it stands, and what was to be protected still is', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      expect((await bench.delete(['--limit', '2'])).exitCode).toBe(8);
      execFileSync('mkfifo', [bench.path('keep')]);
      for (const start of [
        () => bench.startDelete(['--exclude', 'keep']),
        () => bench.startResume(['--exclude', 'keep', '--base-url', bench.simulator.url]),
      ]) {
        const running = start();
        await untilOpened(running, bench.path('keep'));
        running.child.kill('SIGINT');
        const stopped = await running.finished;
        expect(summaryOf(stopped)).toMatchObject({
          state: 'unfinished',
          pending: 3,
          outcomes: { deleted: 2 },
          run: { deleted: 0, requests: 0 },
          exitCode: 130,
        });
        expect(stopped.stderr).toContain('Stopped by SIGINT: 2 of 5 IDs deleted, 3 are left.\n');
        expect(suggestedCommands(stopped)).toEqual([expect.stringMatching(RegExp(`--exclude ${bench.path('keep')}$`))]);
      }
      expect(bench.deleteCount).toBe(2);
    }));

  it('before a plan is carried out: it is a plan still, and no dry run', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url]);
      execFileSync('mkfifo', [bench.path('keep')]);
      const running = bench.startResume(['--yes', '--exclude', 'keep']);
      await untilOpened(running, bench.path('keep'));
      running.child.kill('SIGINT');
      const stopped = await running.finished;
      expect(summaryOf(stopped)).toMatchObject({ state: 'planned', pending: 5, exitCode: 130 });
      expect(suggestedAfter('Carry it out with:', stopped)).toMatch(RegExp(`^images-purge resume .* --exclude ${bench.path('keep')}$`));
    }));

  it('is waited for, and read when somebody does', () =>
    withPurgeProcesses({}, async (bench) => {
      execFileSync('mkfifo', [bench.path('pipe')]);
      const running = bench.start(deleteArgs(bench, 'pipe'));
      await untilOpened(running, bench.path('pipe'));
      createWriteStream(bench.path('pipe')).end('late-1\nlate-2\n');
      expect((await running.finished).exitCode).toBe(0);
      expect(bench.simulator.record.deleted).toEqual(new Set(['late-1', 'late-2']));
    }));
});

describe('a list that protects, from a pipe', () => {
  it('whose header comes in two pieces protects what the whole header says', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', ['good1', 'good2', 'other']);
      const fed = feed(bench, 'keep', 'name,"long\n', 'note",id\nN1,x,good1\nN2,y,good2\n');
      const result = await bench.delete(['--exclude', 'keep']);
      await fed;
      expect(result.exitCode).toBe(0);
      expect(bench.simulator.record.deleted).toEqual(new Set(['other']));
    }));

  it('that ends in the middle of a line stops everything: exit 2', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', ['good1', 'good2']);
      const fed = feed(bench, 'keep', 'good1\ngood');
      const result = await bench.delete(['--exclude', 'keep']);
      await fed;
      expect(result.exitCode).toBe(2);
      expect(bench.deleteCount).toBe(0);
    }));

  it('without a clear column is told to be named, not to be given --column: exit 2', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', ['good1', 'good2']);
      bench.write('keep.csv', 'first,second\nx,good1\n');
      const result = await bench.delete(['--exclude', 'keep.csv']);
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toMatch(/the exclude file keep\.csv cannot be used: .*\n {7}Make it a file with one ID a line/);
      expect(bench.deleteCount).toBe(0);
    }));
});
