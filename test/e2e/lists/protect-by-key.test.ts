import { describe, expect, it } from 'vitest';

import { type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

const UUID = '3f0c8a6e-1111-4222-8333-0000000abcde';

/** IDs of a source that `keep.txt` holds, with the entry that holds each; `undefined`: the same ID. */
const HELD: readonly (readonly [id: string, line: number, entry: string | undefined])[] = [
  ['keep-1', 1, undefined],
  ['KEEP-2', 2, 'keep-2'],
  ['shop%2Fhero.jpg', 3, 'shop/hero.jpg'],
  ['shop/bag.jpg', 4, 'shop%2Fbag.jpg'],
  ['cafe\u0301.jpg', 5, 'caf\u00e9.jpg'],
  ['keep-6\u200b', 6, 'keep-6'],
  ['brand/logo.png', 7, undefined],
  ['brand/2024/logo.png', 7, undefined],
  ['Brand/old.png', 7, 'brand/*'],
  [UUID.toUpperCase(), 8, UUID],
  ['stra\u00dfe.jpg', 9, 'STRASSE.jpg'],
  ['icon-7', 10, undefined],
];
const KEEP = [
  'keep-1',
  'keep-2',
  'shop/hero.jpg',
  'shop%2Fbag.jpg',
  'caf\u00e9.jpg',
  'keep-6',
  'brand/*',
  UUID,
  'STRASSE.jpg',
  'icon-[0-9]',
];
const SENT = ['brands.png', 'icon-x', 'img-1', 'img-2', 'keep-10', 'shop/hero.jpeg'];

function writeLists(bench: PurgeBench): void {
  bench.write('ids.csv', ['id', ...HELD.map(([id]) => id), ...SENT, ''].join('\n'));
  bench.write('keep.txt', `${KEEP.join('\n')}\n`);
  bench.write('nothing.txt', 'elsewhere-1\nelsewhere-2\n');
}

const sentTo = (bench: PurgeBench): string[] => [...bench.simulator.record.deleteRequests.keys()].toSorted();

function warningsIn(log: string): { code: string; message: string }[] {
  const lines = log.trimEnd().split('\n');
  return lines
    .map((line) => JSON.parse(line) as { event?: string; code: string; message: string })
    .filter(({ event }) => event === 'warning');
}

describe('an ID that is spelled much like a protected one', () => {
  it('is protected; report, summary, log and ending say by which rule and entry', () =>
    withPurge({}, async (bench) => {
      writeLists(bench);
      const result = await bench.delete(['--exclude', 'keep.txt', '--exclude', 'nothing.txt', '--log-file', 'run.log']);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(sentTo(bench)).toEqual(SENT);
      const held = bench.report().filter(({ outcome }) => outcome === 'protected');
      expect(held).toEqual(
        HELD.map(([id, line, entry], index) => ({
          id,
          outcome: 'protected',
          rule: `keep.txt:${line}`,
          ...(entry === undefined ? {} : { near: true, entry }),
          source: 'ids.csv',
          line: index + 2,
        })),
      );
      expect(summaryOf(result).protectedBy).toEqual([
        { rule: 'keep.txt', entries: 10, held: 12, near: 8 },
        { rule: 'nothing.txt', entries: 2, held: 0, near: 0 },
      ]);
      const warnings = warningsIn(bench.read('run.log'));
      expect(warnings.map(({ code }) => code)).toEqual(['SEVERAL_READINGS', 'NEAR_PROTECTED', 'RULE_HELD_NONE']);
      expect(warnings[0]?.message).toMatch(/keep\.txt, line 7, may mean several IDs \(brand\/\*\).*is 1 more row/);
      expect(result.stderr).toMatch(/kept +keep\.txt: 10 entries, 12 IDs held, 8 of them spelled otherwise/);
      expect(result.stderr).toMatch(/kept +nothing\.txt: 2 entries, none of them is in the list/);
      const csv = await bench.run(['report', 'ids.csv.checkpoint', '--format', 'csv', '--outcome', 'protected']);
      expect(csv.stdout).toContain('KEEP-2,protected,,,,,,,,,keep.txt:2,true,keep-2,ids.csv,3');
      const status = await bench.run(['status', 'ids.csv.checkpoint']);
      expect(status.stdout).toMatch(/Protected +keep\.txt: 10 entries, 12 IDs held/);
    }));

  it('is protected when the exclude file is given only to resume, however many IDs are pending', () =>
    withPurge({}, async (bench) => {
      writeLists(bench);
      bench.write('other.txt', 'img-1\n');
      const first = await bench.delete(['--exclude', 'other.txt', '--limit', '1']);
      expect(first.exitCode, first.stderr).toBe(8);
      const result = await bench.resume(['--exclude', 'keep.txt']);
      expect(result.exitCode, result.stderr).toBe(0);
      // The first ID of the source was sent before the file was given.
      expect(sentTo(bench)).toEqual([...SENT.filter((id) => id !== 'img-1'), 'keep-1'].toSorted());
      expect(summaryOf(result).protectedBy).toEqual([
        { rule: 'other.txt', entries: 1, held: 1, near: 0 },
        { rule: 'keep.txt', entries: 10, held: 11, near: 8 },
      ]);
    }));

  it('is shown in the plan with its rule, and counted once where the list is read again', () =>
    withPurge({}, async (bench) => {
      writeLists(bench);
      const plan = ['plan', 'ids.csv', '--base-url', bench.simulator.url, '--exclude', 'keep.txt', '--exclude', 'nothing.txt'];
      for (const _ of [1, 2]) {
        const { stderr, exitCode } = await bench.run(plan);
        expect(exitCode, stderr).toBe(0);
        expect(stderr).toMatch(/Protected +keep\.txt: 10 entries, 12 IDs held, 8 of them spelled otherwise\n +nothing\.txt: 2 entries/);
      }
    }));

  it('is not protected where --exclude-literal says that entries are IDs as they stand', () =>
    withPurge({}, async (bench) => {
      writeLists(bench);
      const result = await bench.delete(['--exclude', 'keep.txt', '--exclude-literal']);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(sentTo(bench)).toEqual([...HELD.slice(1).map(([id]) => id), ...SENT].toSorted());
    }));

  it('noise is an ID as it stands with --exclude-literal, and without it exit 2', () =>
    withPurge({}, async (bench) => {
      bench.write('keep.txt', `${'keep-1\n'.repeat(12)}NULL\n---\nid\n`);
      bench.write('ids.csv', 'NULL\n---\nnull\nimg-1\nkeep-1\n');
      const refused = await bench.delete(['--literal', '--exclude', 'keep.txt']);
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toMatch(/keep\.txt, line 15, holds no usable ID \(id: a header of a list, and no ID\)/);
      const result = await bench.delete(['--literal', '--exclude', 'keep.txt', '--exclude-literal']);
      expect(result.exitCode, result.stderr).toBe(0);
      expect([...bench.simulator.record.deleted].sort()).toEqual(['img-1', 'null']);
    }));

  it('a row that could never be sent is refused with --exclude-literal', () =>
    withPurge({}, async (bench) => {
      writeLists(bench);
      bench.write('keep.txt', 'keep-1\nhttps://imagedelivery.net/Abcdefghij0123456789_-/keep-2/public\n');
      const { exitCode, stderr } = await bench.delete(['--exclude', 'keep.txt', '--exclude-literal']);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/keep\.txt, line 2, holds no usable ID/);
      expect(sentTo(bench)).toEqual([]);
    }));
});

describe('--min-protected', () => {
  it('sends nothing where fewer IDs are held, exit 7; met, the run goes on', () =>
    withPurge({}, async (bench) => {
      writeLists(bench);
      const refused = await bench.delete(['--exclude', 'keep.txt', '--min-protected', '13']);
      expect(refused.exitCode).toBe(7);
      expect(refused.stderr).toMatch(/hold 12 IDs of the source, fewer than --min-protected 13; nothing was sent/);
      expect(sentTo(bench)).toEqual([]);
      const met = await bench.delete(['--exclude', 'keep.txt', '--min-protected', '12']);
      expect(met.exitCode, met.stderr).toBe(0);
      expect(sentTo(bench)).toEqual(SENT);
    }));
});
