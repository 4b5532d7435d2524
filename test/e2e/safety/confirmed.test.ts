import { describe, expect, it } from 'vitest';

import { makeIds, type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

describe('a purge begun with --yes', () => {
  it('whose source broke off before anything was sent is not asked about: resume carries out what was accepted', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', `id\n${makeIds(5).join('\n')}\n"open\n`);
      expect((await bench.delete()).exitCode).toBe(5);
      const resumed = await bench.resume();
      expect(resumed.exitCode).toBe(5);
      expect(resumed.stderr).toContain('what was accepted has been carried out');
      expect(bench.simulator.record.deleted.size).toBe(5);
    }));

  it('that gave up before stats were answered is not asked about', () =>
    withPurge({}, async (bench) => {
      bench.simulator.beginOutage('503');
      bench.writeIds('ids.csv', makeIds(5));
      // With a guard stats are asked for only when the list has been read to its end.
      expect((await bench.delete(['--give-up-after', '1s', '--min-ids', '1'])).exitCode).toBe(4);
      bench.simulator.endOutage();
      expect(summaryOf(await bench.resume())).toMatchObject({ state: 'finished', exitCode: 0 });
    }));

  it('that was killed before stats were answered is not asked about', () =>
    withPurge({}, async (bench) => {
      bench.simulator.beginOutage('hang');
      bench.writeIds('ids.csv', makeIds(5));
      const running = bench.startDelete(['--min-ids', '1']);
      await bench.simulator.whenRequests(1);
      running.child.kill('SIGKILL');
      await running.finished;
      bench.simulator.endOutage();
      expect(summaryOf(await bench.resume())).toMatchObject({ state: 'finished', exitCode: 0 });
    }));
});

describe('a plan that resume --yes began to carry out', () => {
  it('is not asked about again, and stays a plan until it may send', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url]);
      bench.simulator.beginOutage('503');
      expect(summaryOf(await bench.resume(['--yes', '--give-up-after', '1s']))).toMatchObject({ state: 'planned', exitCode: 4 });
      bench.simulator.endOutage();
      expect(summaryOf(await bench.resume())).toMatchObject({ state: 'finished', exitCode: 0 });
    }));
});

describe('a plan with nothing left to send', () => {
  const plan = (bench: PurgeBench, more: readonly string[] = []): ReturnType<PurgeBench['run']> =>
    bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url, ...more]);

  it.each([
    ['of an empty list', [], [], []],
    ['all of whose IDs were excluded when it was made', makeIds(3), ['--exclude', 'keep.txt'], []],
    ['all of whose IDs are excluded when it is carried out', makeIds(3), [], ['--exclude', 'keep.txt']],
  ])('%s is finished by resume, with nobody to ask and nothing sent', (_, ids, whenMade, whenCarriedOut) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', ids);
      bench.writeIds('keep.txt', makeIds(3));
      expect((await plan(bench, whenMade)).exitCode).toBe(0);
      const finished = await bench.resume(whenCarriedOut.length === 0 ? [] : [...whenCarriedOut, '--yes']);
      expect(summaryOf(finished)).toMatchObject({ state: 'finished', exitCode: 0 });
      expect((await bench.resume()).exitCode).toBe(0);
      expect(bench.simulator.record.requestCount).toBe(0);
    }),
  );
});

describe('what a person is shown before anything is sent', () => {
  it('names the guard that a dry run and a plan do not check', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      expect((await bench.delete(['--dry-run', '--max-deletes', '20%'])).stderr).toContain('Not checked --max-deletes 20%');
      expect((await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url, '--max-deletes', '20%'])).stderr).toContain(
        'Not checked --max-deletes 20%',
      );
      expect((await bench.delete(['--dry-run', '--max-deletes', '20'])).stderr).not.toContain('Not checked');
    }));

  it('names --limit where it leaves IDs, but not in a plan: that is carried out under limits of its own', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      expect((await bench.delete(['--dry-run', '--limit', '2'])).stderr).toMatch(/This run +2 +of them/);
      expect((await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url, '--limit', '2'])).stderr).not.toContain('This run');
    }));
});
