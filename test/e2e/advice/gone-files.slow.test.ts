import { rmSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { pasted, suggestedAfter, suggestedCommands } from '../../support/cli/pasted.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

const sentTo = (bench: PurgeBench): string[] => [...bench.simulator.record.deleteRequests.keys()].toSorted();

/** Lists of 6 IDs, of which keep.txt holds the last. */
function writeLists(bench: PurgeBench): void {
  bench.writeIds('ids.csv', makeIds(6));
  bench.write('keep.txt', 'image-000005\n');
}

describe('an exclude file that is gone', () => {
  it('is no part of the command that carries out the plan, which keeps what it held; a new plan asks for one', () =>
    withPurge({}, async (bench) => {
      writeLists(bench);
      const plan = ['plan', 'ids.csv', '--base-url', bench.simulator.url, '--rate', 'unlimited'];
      expect((await bench.run([...plan, '--exclude', 'keep.txt'])).exitCode).toBe(0);
      rmSync(bench.path('keep.txt'));
      for (const refused of [await bench.run(plan), await bench.delete(), await bench.delete(['--supersede'])]) {
        expect(refused.exitCode).toBe(7);
        expect(refused.stderr).toContain(`protected by --exclude ${bench.path('keep.txt')}, which this command lacks; nothing was sent`);
        expect(refused.stderr).toContain(`FILE below: ${bench.path('keep.txt')}, not there any more.`);
        // Pasted as it is, it reads nothing and sends nothing.
        const again = suggestedAfter('Give them again:', refused);
        expect(again).toContain(' --exclude FILE');
        expect((await pasted(again)).exitCode).toBe(2);
        expect(sentTo(bench)).toEqual([]);
      }
      const refused = await bench.delete();
      const done = await pasted(`${suggestedAfter('Carry out the plan:', refused)} --yes`);
      expect(done.exitCode, done.stderr).toBe(0);
      expect(sentTo(bench)).toEqual(makeIds(5));
    }));

  it('is left out where the list is read again and its entries stay in force', () =>
    withPurge({}, async (bench) => {
      writeLists(bench);
      const running = bench.startPipe(['--checkpoint', 'c', '--exclude', 'keep.txt', '--limit', '2']);
      running.child.stdin?.write(`id\n${makeIds(4).join('\n')}\n`);
      // Stats and two IDs.
      await bench.simulator.whenRequests(3);
      running.child.kill('SIGTERM');
      expect((await running.finished).exitCode).toBe(143);
      expect(sentTo(bench)).toEqual(makeIds(2));
      rmSync(bench.path('keep.txt'));
      const command = suggestedAfter('Next:', await bench.run(['status', 'c']));
      expect(command).not.toContain('--exclude');
      let last = await pasted(`${command.replace('FILE', bench.path('ids.csv'))} --yes`);
      expect(last.stderr).toMatch(/keep\.txt is not there any more; its entries of the earlier run stay in force/);
      while (last.exitCode === 8) last = await pasted(suggestedAfter('Go on with:', last));
      expect(last.exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(makeIds(5));
    }));

  it('and named all the same is exit 2, which tells how to go on with what it held', () =>
    withPurge({}, async (bench) => {
      writeLists(bench);
      expect((await bench.delete(['--exclude', 'keep.txt', '--limit', '2'])).exitCode).toBe(8);
      rmSync(bench.path('keep.txt'));
      for (const missing of [await bench.delete(['--exclude', 'keep.txt']), await bench.resume(['--exclude', 'keep.txt'])]) {
        expect(missing.exitCode).toBe(2);
        expect(missing.stderr).toContain(`What ${bench.path('keep.txt')} held when it was read stays protected.`);
      }
      const missing = await bench.delete(['--exclude', 'keep.txt', '--limit', '4']);
      expect((await pasted(suggestedAfter('To go on with that:', missing))).exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(makeIds(5));
      // One that the purge has never read protects nothing yet.
      const unknown = await bench.delete(['--exclude', 'other.txt', '--drop-guards']);
      expect(unknown.exitCode).toBe(2);
      expect(suggestedCommands(unknown)).toEqual([]);
    }));
});

describe('a source that is gone', () => {
  it('is not needed where it was read to its end: exit 5 tells how to go on with the list as it was read', () =>
    withPurge({}, async (bench) => {
      writeLists(bench);
      expect((await bench.delete(['--limit', '2', '--max-failures', '9'])).exitCode).toBe(8);
      rmSync(bench.path('ids.csv'));
      const missing = await bench.delete();
      expect(missing.exitCode).toBe(5);
      expect(missing.stderr).toContain('To go on with the list as it was read (4 IDs left):');
      const command = suggestedAfter('(4 IDs left):', missing);
      expect(command).toMatch(/ --limit 2 --max-failures 9$/);
      expect((await pasted(command)).exitCode).toBe(8);
      expect(sentTo(bench)).toEqual(makeIds(4));
    }));

  it('is asked for where it was not, at the checkpoint that lay beside it', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', `id\n${makeIds(3).join('\n')}\n"open\n`);
      expect((await bench.delete(['--min-ids', '1'])).exitCode).toBe(5);
      rmSync(bench.path('ids.csv'));
      const command = suggestedAfter('Next:', await bench.run(['status', 'ids.csv.checkpoint']));
      expect(command).toContain(`images-purge delete FILE --checkpoint ${bench.path('ids.csv.checkpoint')} --min-ids 1 `);
      expect((await pasted(`${command} --yes`)).exitCode).toBe(5);
      bench.writeIds('moved.csv', makeIds(3));
      const done = await pasted(`${command.replace('FILE', bench.path('moved.csv'))} --yes --json`);
      expect(summaryOf(done)).toMatchObject({ state: 'finished', outcomes: { deleted: 3 } });
    }));
});
