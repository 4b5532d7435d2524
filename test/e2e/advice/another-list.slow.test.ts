import { describe, expect, it } from 'vitest';

import { countNotHeld } from '../../../src/intake/not-held.ts';
import { startLedger } from '../../../src/ledger/ledger.ts';
import { BY_DETECTION } from '../../../src/read/source.ts';
import { realClock } from '../../../src/run/real-clock.ts';
import { pasted, suggestedAfter } from '../../support/cli/pasted.ts';
import { makeIds, type PurgeBench, withPurge } from '../../support/purge/purge.ts';

const sentTo = (bench: PurgeBench): string[] => [...bench.simulator.record.deleteRequests.keys()].toSorted();

/** Leaves a purge of 8 IDs, 2 of them deleted. */
async function leaveUnfinished(bench: PurgeBench, more: readonly string[] = []): Promise<void> {
  bench.writeIds('ids.csv', makeIds(8));
  expect((await bench.delete(['--limit', '2', ...more])).exitCode).toBe(8);
}

/** What is said of the IDs that going on would delete. */
const toldIn = (stderr: string): string | undefined => /^ +((?:Finishing|Carrying) it .*)$/m.exec(stderr)?.[1];

describe('going on with a purge where another list is given', () => {
  it.each([
    ['two lines removed', makeIds(8).toSpliced(4, 2), '2 IDs'],
    ['a line appended', makeIds(9), '0 IDs'],
    ['another order, and IDs twice', [...makeIds(8).toReversed(), ...makeIds(8)], '0 IDs'],
    ['another list', makeIds(3, 'other'), '6 IDs'],
  ])('tells first how many IDs it would delete that the list does not hold: %s', (_, ids, count) =>
    withPurge({}, async (bench) => {
      await leaveUnfinished(bench);
      bench.writeIds('ids.csv', ids);
      for (const refused of [await bench.delete(), await bench.run(['delete', 'ids.csv', '--yes', '--base-url', bench.simulator.url])]) {
        expect(refused.exitCode).toBe(7);
        expect(toldIn(refused.stderr)).toBe(`Finishing it deletes ${count} that the list given now does not hold, of the 6 that are left.`);
      }
      const plan = await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url]);
      expect(toldIn(plan.stderr)?.includes(count) ?? count === '0 IDs').toBe(true);
      expect(sentTo(bench)).toEqual(makeIds(2));
      expect((await pasted(suggestedAfter('Finish it:', await bench.delete(['--limit', '9'])))).exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(makeIds(8));
    }),
  );

  it('tells it of a plan, too', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(8));
      await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url]);
      bench.writeIds('ids.csv', makeIds(7));
      const refused = await bench.delete();
      expect(toldIn(refused.stderr)).toBe('Carrying it out deletes 1 ID that the list given now does not hold, of the 8 that are left.');
      expect((await pasted(`${suggestedAfter('Carry it out:', refused)} --yes`)).exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(makeIds(8));
    }));

  it.each([
    [
      'from a pipe',
      (bench: PurgeBench) => bench.run(['delete', '-', '--yes', '--checkpoint', 'ids.csv.checkpoint', '--base-url', bench.simulator.url]),
      'it comes from a pipe',
    ],
    [
      'that breaks off',
      (bench: PurgeBench) => {
        bench.write('ids.csv', 'id\nimage-000007\n"open\n');
        return bench.delete();
      },
      'it cannot be read',
    ],
  ])('says so where it cannot be told, of a list %s', (_, run, why) =>
    withPurge({}, async (bench) => {
      await leaveUnfinished(bench);
      const refused = await run(bench);
      expect(refused.exitCode).toBe(7);
      expect(toldIn(refused.stderr)).toBe(
        `Finishing it deletes all 6 IDs that are left of that list, whether or not the list given now holds them (not compared: ${why}).`,
      );
    }),
  );

  it('compares so many rows at most', () =>
    withPurge({}, async (bench) => {
      await leaveUnfinished(bench);
      const ledger = startLedger();
      try {
        await ledger.ask('lock', bench.path('ids.csv.checkpoint'), false);
        const count = (rowsMax: number): ReturnType<typeof countNotHeld> =>
          countNotHeld(
            { pending: 6 },
            { sources: [{ kind: 'file', path: bench.path('ids.csv') }], form: BY_DETECTION, deliveryUrls: false },
            { ledger, deps: { clock: realClock(), observer: { event: () => undefined } }, halt: new AbortController().signal, rowsMax },
          );
        expect(await count(7)).toEqual({ kind: 'not-compared', why: 'it has more than 7 rows' });
        expect(await count(8)).toEqual({ kind: 'counted', count: 0 });
      } finally {
        await ledger.close({ removeCheckpoint: false });
      }
    }));
});

it('--supersede is told with the exclude file that the purge found was given, and keeps what it holds', () =>
  withPurge({}, async (bench) => {
    bench.write('a.txt', `${makeIds(8).join('\n')}\n`);
    bench.write('keep.txt', 'image-000006\nimage-000007\n');
    expect((await bench.run(bench.deleteArgs('a.txt', '--exclude', 'keep.txt', '--limit', '3'))).exitCode).toBe(8);
    bench.write('a.txt', `${makeIds(9).join('\n')}\n`);
    const refused = await bench.run(bench.deleteArgs('a.txt', '--expect-absent'));
    expect(refused.exitCode).toBe(7);
    const begun = await pasted(suggestedAfter('Set it aside:', refused));
    expect(begun.exitCode, begun.stderr).toBe(0);
    expect(sentTo(bench)).toEqual(makeIds(9).filter((id) => id !== 'image-000006' && id !== 'image-000007'));
  }));

describe('the command that goes on with the purge found', () => {
  it('has the brakes and the pace that it was run with, unless this command says otherwise', () =>
    withPurge({}, async (bench) => {
      await leaveUnfinished(bench, [
        '--max-failures',
        '5',
        '--max-duration',
        '2h',
        '--rate',
        '500/s',
        '--batch-base-url',
        bench.simulator.batchUrl,
      ]);
      bench.writeIds('ids.csv', makeIds(3));
      const refused = await bench.run([
        'delete',
        'ids.csv',
        '--yes',
        '--base-url',
        bench.simulator.url,
        '--max-failures',
        '7',
        '--timeout',
        '9s',
      ]);
      const command = suggestedAfter('Finish it:', refused);
      expect(command).toMatch(/ --timeout 9s --max-failures 7 --batch-base-url \S+ --rate 500\/s --max-duration 2h --limit 2$/);
      const stopped = await pasted(command);
      expect(stopped.exitCode).toBe(8);
      expect(suggestedAfter('Go on with:', stopped)).toContain(' --max-duration 2h ');
    }));
});

describe('a run with batch tokens', () => {
  it('goes on with as many of them, at their pace', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(6));
      const lanes = ['--batch-tokens', '2', '--batch-base-url', bench.simulator.batchUrl, '--rate', '150/s'];
      const stopped = await bench.delete([...lanes, '--limit', '2']);
      expect(stopped.exitCode).toBe(8);
      const command = suggestedAfter('Go on with:', stopped);
      for (const word of lanes) expect(command).toContain(` ${word}`);
      const again = await pasted(command);
      expect(again.exitCode, again.stderr).toBe(8);
      expect(sentTo(bench)).toEqual(makeIds(4));
      const deletes = bench.simulator.record.requests.filter(({ method }) => method === 'DELETE');
      expect(deletes.filter(({ rawUrl }) => !rawUrl.startsWith('/batch'))).toEqual([]);
    }));
});
