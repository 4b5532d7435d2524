import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { describe, expect, it } from 'vitest';

import { success } from '../../../src/simulator/simulated-answers.ts';
import { pasted, suggestedAfter } from '../../support/cli/pasted.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge, withPurgeProcesses } from '../../support/purge/purge.ts';

const DAY_MS = 86_400_000;
const GUARDS = ['--exclude', 'keep.txt', '--max-deletes', '50'];

const sentTo = (bench: PurgeBench): string[] => [...bench.simulator.record.deleteRequests.keys()].toSorted();

function writeLists(bench: PurgeBench): void {
  bench.writeIds('ids.csv', ['img-1', 'keep-1', 'img-2']);
  bench.write('keep.txt', 'keep-1\n');
}

const plan = (bench: PurgeBench, more: readonly string[]) => bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url, ...more]);

describe('guards of a plan', () => {
  it('are not lost when delete or a second plan lacks them: exit 7 names each of them, nothing is sent', () =>
    withPurge({}, async (bench) => {
      writeLists(bench);
      expect((await plan(bench, GUARDS)).exitCode).toBe(0);
      for (const again of [() => bench.delete(), () => bench.delete(['--supersede']), () => plan(bench, [])]) {
        const { exitCode, stderr } = await again();
        expect(exitCode, stderr).toBe(7);
        expect(stderr).toMatch(/protected by --exclude \S*keep\.txt, --max-deletes 50, which this command lacks; nothing was sent/);
        expect(stderr).toContain('--drop-guards');
      }
      const weaker = await plan(bench, ['--exclude', 'keep.txt', '--max-deletes', '60']);
      expect(weaker.stderr).toMatch(/allows more than the purge at \S+ did, which had --max-deletes 50/);
      expect(sentTo(bench)).toEqual([]);
      expect((await bench.delete(GUARDS)).exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(['img-1', 'img-2']);
    }));

  it('are in each command that is suggested, but the one that says it drops them', () =>
    withPurge({}, async (bench) => {
      writeLists(bench);
      await plan(bench, GUARDS);
      const refused = await bench.delete(['--rate', '500/s']);
      expect(suggestedAfter('Do without:', refused)).toMatch(/ --rate 500\/s --yes .*--drop-guards$/);
      expect((await pasted(suggestedAfter('Give them again:', refused))).exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(['img-1', 'img-2']);
      // Another list in the way: what sets the plan aside has its guards, or it would be refused.
      await plan(bench, [...GUARDS, '--drop-guards']);
      bench.writeIds('ids.csv', ['img-3', 'keep-1']);
      const other = await bench.delete();
      expect(other.exitCode).toBe(7);
      expect((await pasted(suggestedAfter('Set it aside:', other))).exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(['img-1', 'img-2', 'img-3']);
    }));

  it('are dropped where a person says so, also in a purge that is resumed', () =>
    withPurge({}, async (bench) => {
      writeLists(bench);
      await plan(bench, [...GUARDS, '--min-ids', '2']);
      const carriedOut = await bench.delete(['--drop-guards', '--limit', '1']);
      expect(carriedOut.exitCode, carriedOut.stderr).toBe(8);
      // What the list held was read with its exclude file; it stays protected.
      expect((await bench.resume()).exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(['img-1', 'img-2']);
      await plan(bench, GUARDS);
      expect((await plan(bench, ['--drop-guards'])).exitCode).toBe(0);
      expect((await bench.resume(['--yes'])).exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(['img-1', 'img-2', 'keep-1']);
    }));
});

describe('exclude files on record', () => {
  it('are read again when the purge goes on: entries added since protect, a file that is gone is a warning', () =>
    withPurge({}, async (bench) => {
      writeLists(bench);
      await plan(bench, GUARDS);
      bench.write('keep.txt', 'img-2\n');
      const result = await bench.resume(['--yes', '--limit', '1']);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(sentTo(bench)).toEqual(['img-1']);
      expect(summaryOf(result).protectedBy).toMatchObject([{ rule: expect.stringContaining('keep.txt') as string, held: 2 }]);

      bench.writeIds('more.csv', ['img-3', 'keep-1', 'img-4']);
      bench.write('keep.txt', 'keep-1\n');
      const more = ['--checkpoint', 'more.checkpoint', '--base-url', bench.simulator.url];
      expect((await bench.run(['delete', 'more.csv', '--yes', ...GUARDS, '--limit', '1', ...more])).exitCode).toBe(8);
      rmSync(bench.path('keep.txt'));
      const gone = await bench.run(['resume', 'more.checkpoint']);
      expect(gone.stderr).toMatch(/keep\.txt is not there any more; its entries of the earlier run stay in force/);
      expect(sentTo(bench)).toEqual(['img-1', 'img-3', 'img-4']);
    }));
});

describe('the age of a plan', () => {
  it('counts from the last row that was read: a run that was refused does not renew it, and one from the future is too old', () =>
    withPurge({}, async (bench) => {
      writeLists(bench);
      await plan(bench, GUARDS);
      const setAge = (ageMs: number): void => {
        const db = new DatabaseSync(bench.path('ids.csv.checkpoint'));
        db.prepare('UPDATE state SET last_worked_at_ms = ?').run(Date.now() - ageMs);
        db.close();
      };
      setAge(5 * DAY_MS);
      expect((await bench.resume(['--confirm', '17'])).exitCode).toBe(7);
      expect((await bench.resume(['--yes', '--max-age', '4d'])).stderr).toContain('longer than --max-age allows');
      setAge(-DAY_MS);
      expect((await bench.resume(['--yes'])).stderr).toContain('which is in the future');
      expect(sentTo(bench)).toEqual([]);
    }));
});

/** `delete -` that has deleted these IDs and is stopped while more might come. */
async function stopPipe(bench: PurgeBench, ids: readonly string[]): Promise<void> {
  const running = bench.startPipe(['--concurrency', '4']);
  running.child.stdin?.write(`${ids.join('\n')}\n`);
  // Stats were asked for, too.
  await bench.simulator.whenRequests(ids.length + 1);
  running.child.kill('SIGTERM');
  expect((await running.finished).exitCode).toBe(143);
  expect(sentTo(bench)).toEqual(ids);
}

describe('a list that was not read to its end', () => {
  const next = (bench: PurgeBench, more: readonly string[]) => bench.delete(['--checkpoint', 'images-purge.checkpoint', ...more]);

  it('is set aside for another one with --supersede, and what the new list names again is deleted again', () =>
    withPurgeProcesses({}, async (bench) => {
      const ids = makeIds(20);
      await stopPipe(bench, ids);
      // Two of them were uploaded again.
      bench.simulator.override(({ method }) => (method === 'DELETE' ? success({}) : undefined));
      bench.writeIds('ids.csv', ids.slice(0, 2));
      const result = await next(bench, ['--supersede']);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(summaryOf(result)).toMatchObject({ outcomes: { deleted: 2, absent: 0 }, intake: { accepted: 2 } });
    }));

  it('is judged by guards as it is read now, not by what an earlier reading had', () =>
    withPurgeProcesses({}, async (bench) => {
      await stopPipe(bench, makeIds(20));
      bench.write('ids.csv', 'id\n');
      const empty = await next(bench, ['--min-ids', '10']);
      expect(empty.exitCode, empty.stderr).toBe(7);
      expect(empty.stderr).toContain('holds 0 IDs, fewer than --min-ids 10');
    }));

  it('may be fewer IDs than were deleted before, where that is what --max-deletes allows', () =>
    withPurgeProcesses({}, async (bench) => {
      await stopPipe(bench, makeIds(20));
      bench.writeIds('ids.csv', makeIds(3, 'other'));
      const within = await next(bench, ['--max-deletes', '10']);
      expect(within.exitCode, within.stderr).toBe(0);
    }));
});

describe('an ID that may have been sent before it was protected', () => {
  it('is protected with earlierUnknown, and makes the exit code 1', () =>
    withPurgeProcesses({}, async (bench) => {
      writeLists(bench);
      const requested = new Promise<void>((resolve) => {
        bench.simulator.override(({ id }) => {
          if (id !== 'keep-1') return undefined;
          resolve();
          return 'hang';
        });
      });
      const running = bench.startDelete(['--concurrency', '1']);
      await requested;
      running.child.kill('SIGKILL');
      await running.finished;
      const result = await bench.resume(['--exclude', 'keep.txt']);
      expect(result.exitCode, result.stderr).toBe(1);
      expect(bench.report().find(({ id }) => id === 'keep-1')).toMatchObject({ outcome: 'protected', earlierUnknown: true });
      expect(result.stderr).toMatch(/1 ID was sent before being protected, and may be deleted/);
    }));
});

describe('a confirmed purge', () => {
  it('goes on by delete without a terminal and without --yes while its list is unchanged', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      expect((await bench.delete(['--limit', '2'])).exitCode).toBe(8);
      const command = ['delete', 'ids.csv', '--base-url', bench.simulator.url];
      expect((await bench.run(command)).exitCode).toBe(0);
      expect(bench.deleteCount).toBe(5);
      // Finished: the next one is a new purge, which nobody has confirmed.
      expect((await bench.run(command)).exitCode).toBe(2);
    }));
});
