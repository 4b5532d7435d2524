import { describe, expect, it } from 'vitest';

import type { CliResult } from '../../support/cli/cli.ts';
import { pasted, suggestedAfter, suggestedCommands } from '../../support/cli/pasted.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

const RATE = ['--rate', '500/s', '--max-attempts', '3'];

const run = (bench: PurgeBench, args: readonly string[]): Promise<CliResult> =>
  bench.run([...args, '--base-url', bench.simulator.url, ...RATE]);

/** Answers DELETEs of these IDs with an error that is none of the account's. */
function failing(bench: PurgeBench, isFailing: (rawUrl: string) => boolean): void {
  bench.simulator.override(({ method, rawUrl }) =>
    method === 'DELETE' && isFailing(rawUrl)
      ? { status: 400, headers: {}, body: '{"success":false,"errors":[{"code":5400,"message":"Bad request"}]}' }
      : undefined,
  );
}

describe('what a run suggests at its end, pasted as it is printed into another shell in another folder', () => {
  it('after --limit sends as many again at the same pace, until nothing is left', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(10));
      bench.write('keep.txt', 'image-000009\n');
      let last = await run(bench, ['delete', 'ids.csv', '--yes', '--exclude', 'keep.txt', '--limit', '4']);
      for (const deleted of [4, 8]) {
        expect(last.exitCode).toBe(8);
        expect(bench.simulator.record.deleted.size).toBe(deleted);
        const command = suggestedAfter('Go on with:', last);
        expect(command).toContain(' --rate 500/s --max-attempts 3 --limit 4');
        last = await pasted(command);
      }
      expect(last.exitCode).toBe(0);
      expect(bench.simulator.record.deleted.has('image-000009')).toBe(false);
      expect(bench.simulator.record.deleted.size).toBe(9);
    }));

  it('after --max-failures stops at as many failures again', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(60));
      failing(bench, () => true);
      const brakes = ['--max-failures', '2', '--concurrency', '1', '--max-duration', '1h', '--max-absent', '50%', '--expect-absent'];
      const stopped = await run(bench, ['delete', 'ids.csv', '--yes', ...brakes]);
      expect(stopped.exitCode).toBe(8);
      const command = suggestedAfter('Go on with:', stopped);
      for (let at = 0; at < brakes.length; at++) expect(command).toContain(brakes[at] ?? '');
      const again = await pasted(command);
      expect(again.exitCode).toBe(8);
      expect(again.stderr).toContain('Stopped by --max-failures');
      // What failed counts for a run, so that the second one stops as early as the first.
      expect(bench.deleteCount).toBeLessThan(20);
      // The status of a checkpoint knows the brakes of its last run.
      expect(suggestedAfter('Next:', await bench.run(['status', 'ids.csv.checkpoint']))).toBe(command);
    }));

  it('of a plan carries it out with what was planned: protection, guards, pace and brakes', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(10));
      bench.write('keep.txt', 'image-000001\n');
      const given = ['--exclude', 'keep.txt', '--min-protected', '1', '--limit', '5'];
      const plan = await run(bench, ['plan', 'ids.csv', ...given]);
      expect(plan.exitCode).toBe(0);
      const without = suggestedAfter('Without a question:', plan);
      expect(without).toMatch(/ --rate 500\/s --max-attempts 3 --limit 5 --confirm [0-9a-f]{12}$/);
      // With nobody to ask, the one with the question begins nothing.
      expect((await pasted(suggestedAfter('Carry it out with:', plan))).exitCode).toBe(2);
      expect(bench.simulator.record.deleted.size).toBe(0);
      expect((await pasted(without)).exitCode).toBe(8);
      expect(bench.simulator.record.deleted.size).toBe(5);
      expect(bench.simulator.record.deleted.has('image-000001')).toBe(false);
    }));

  it('where IDs have failed shows them, and sends them again', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(6));
      failing(bench, (url) => url.endsWith('image-000002'));
      const ended = await run(bench, ['delete', 'ids.csv', '--yes']);
      expect(ended.exitCode).toBe(1);
      expect(summaryOf(await bench.run(['status', 'ids.csv.checkpoint', '--json']))).toMatchObject({ exitCode: 1, error: null });
      const shown = await pasted(suggestedAfter('To see the failed IDs:', ended));
      expect(shown.stdout).toMatch(/^\{"id":"image-000002","outcome":"failed".*\n$/);
      bench.simulator.override(() => undefined);
      const command = suggestedAfter('To try them again:', ended);
      expect(suggestedAfter('Next:', await bench.run(['status', 'ids.csv.checkpoint']))).toBe(command);
      expect((await pasted(command)).exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(6);
    }));

  it('where the credentials were refused goes on when they are right', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(6));
      const refused = await bench.run(['delete', 'ids.csv', '--yes', '--min-ids', '1', '--base-url', bench.simulator.url, ...RATE], {
        env: { CLOUDFLARE_API_TOKEN: 'wrong' },
      });
      expect(refused.exitCode).toBe(3);
      expect((await pasted(suggestedAfter('Then go on with:', refused))).exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(6);
    }));
});

describe('where another list is given', () => {
  async function otherList(bench: PurgeBench): Promise<CliResult> {
    bench.writeIds('ids.csv', makeIds(8));
    bench.write('keep.txt', 'image-000007\nimage-000002\n');
    const given = ['delete', 'ids.csv', '--yes', '--exclude', 'keep.txt', '--column', 'id', '--max-deletes', '20'];
    expect((await run(bench, [...given, '--limit', '3'])).exitCode).toBe(8);
    bench.writeIds('ids.csv', makeIds(8).slice(5));
    const refused = await run(bench, [...given, '--limit', '1']);
    expect(refused.exitCode).toBe(7);
    expect(bench.simulator.record.deleted.size).toBe(3);
    return refused;
  }

  it('it is said first how many IDs would be deleted that it does not hold, and both ways are told', () =>
    withPurge({}, async (bench) => {
      const refused = await otherList(bench);
      const [, first = '', second = '', third = ''] = refused.stderr.slice(refused.stderr.indexOf('error: ')).split('\n');
      expect(first.trim()).toBe('Finishing it deletes 1 ID that the list given now does not hold, of the 3 that are left.');
      expect([second, third].map((line) => line.trim().split(':')[0])).toEqual(['Finish it', 'Set it aside']);
      expect(suggestedCommands(refused)).toHaveLength(2);
      expect((await pasted(suggestedAfter('Finish it:', refused))).exitCode).toBe(8);
      expect(bench.simulator.record.deleted.size).toBe(4);
    }));

  it('--supersede comes with all that the command was given: the list is begun as it was meant to be', () =>
    withPurge({}, async (bench) => {
      const refused = await otherList(bench);
      const begun = await pasted(`${suggestedAfter('Set it aside:', refused)} --json`);
      expect(begun.exitCode).toBe(8);
      expect(summaryOf(begun)).toMatchObject({ intake: { accepted: 2, protected: 1 }, outcomes: { deleted: 1 }, pending: 1 });
      expect(bench.simulator.record.deleted.size).toBe(4);
      expect(bench.simulator.record.deleted.has('image-000007')).toBe(false);
    }));
});

it('the suggestions of a run that another one holds up, and of one whose source was broken, are as good', () =>
  withPurge({}, async (bench) => {
    bench.write('ids.csv', 'id\na\nb\n"c');
    const broken = await run(bench, ['delete', 'ids.csv', '--yes', '--min-ids', '1', '--limit', '1', '--keep', '2']);
    expect(broken.exitCode).toBe(5);
    const command = suggestedAfter('Next:', await bench.run(['status', 'ids.csv.checkpoint']));
    expect(command).toContain(' --min-ids 1 ');
    expect(command).toMatch(/ --keep 2 .*--limit 1$/);
    bench.writeIds('ids.csv', ['a', 'b']);
    expect((await pasted(`${command} --yes`)).exitCode).toBe(8);
    expect(bench.simulator.record.deleted.size).toBe(1);

    bench.simulator.override(() => 'hang');
    const other = bench.start(['resume', 'ids.csv.checkpoint', '--yes']);
    await other.waitForStderr(/run\.started|resum/);
    const locked = await bench.run(['resume', 'ids.csv.checkpoint', '--yes']);
    expect(locked.exitCode).toBe(6);
    expect((await pasted(suggestedAfter('See how far it is:', locked))).stdout).toContain('a run is at work on it');
    other.child.kill('SIGINT');
    await other.finished;
  }));
