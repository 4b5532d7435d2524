import { describe, expect, it } from 'vitest';

import { type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

/** What the API was asked to delete. */
const sent = (bench: PurgeBench): readonly string[] => [...bench.simulator.record.deleteRequests.keys()].sort();
const rejectedOf = (bench: PurgeBench): readonly (readonly [number, string | undefined])[] =>
  bench
    .report()
    .flatMap(({ outcome, line, reason }) => (outcome === 'rejected' ? [[line, reason] as const] : []))
    .toSorted(([one], [other]) => one - other);

const UUID = '0f9b4c1d-2a3b-4c5d-8e6f-0123456789ab';
/** Each value with the kinds it is of. */
const SUSPICIOUS: readonly (readonly [string, readonly string[]])[] = [
  ['shop%2Fhero.jpg', ['percent-encoded']],
  ["'img-2'", ['mark-at-end']],
  [String.raw`caf\u00e9`, ['json-escape']],
  ['img-4\u200b', ['invisible-character']],
  ['cafe\u0301', ['not-nfc']],
  [UUID.toUpperCase(), ['uuid-capitals']],
  ['9.91214E+15', ['sheet-number']],
  ['- img-8', ['list-mark']],
  ['  3 img-9', ['count-before']],
  ['img-10   # old logo', ['remark-behind']],
  ['imagedelivery.net/Abcdefghij0123456789_-/img-11', ['url-without-scheme']],
  ['img-12/public', ['variant-at-end']],
];
const LINES = SUSPICIOUS.map(([value]) => value);

describe('noise of exports is rejected with its reason, and not sent', () => {
  it.each<[string, string, readonly (readonly [number, string])[]]>([
    [
      'empty cells of a database',
      'id,name\nimg-1,a\nNULL,b\n\\N,c\nnull,d\n(null),e\nnil,f\nNone,g\nNaN,h\n#N/A,i\n#REF!,j\nimg-2,k\n',
      [
        ...[3, 4, 5, 6, 7, 8, 9].map((line) => [line, 'stands for an empty cell'] as const),
        ...[10, 11].map((line) => [line, 'an error value of a spreadsheet'] as const),
      ],
    ],
    [
      'what programs draw around a table',
      `${'img-1\n'.repeat(12)}------\nid\n---\n=====\nundefined\nnull\n"\n],\nimg-2\n(2 rows)\n`,
      [
        [13, 'a line drawn by a program'],
        [14, 'a header of a list, and no ID'],
        [15, 'a line drawn by a program'],
        [16, 'a line drawn by a program'],
        [17, 'stands for an empty cell'],
        [18, 'stands for an empty cell'],
        [19, 'a mark by itself'],
        [20, 'a mark by itself'],
        [22, 'a row count written by a program'],
      ],
    ],
    [
      'headers of lists that were joined',
      `id,name\n${'img-1,a\n'.repeat(12)}id,name\nID,Name\nimage_id,x\nimg-2,b\n`,
      [14, 15, 16].map((line) => [line, 'repeats the header'] as const),
    ],
  ])('%s', (_, text, rejected) =>
    withPurge({}, async (bench) => {
      bench.write('ids.txt', text);
      const args = ['delete', 'ids.txt', '--rate', 'unlimited', '--yes', '--base-url', bench.simulator.url];
      const result = await bench.run([...args, '--json', '--checkpoint', 'ids.csv.checkpoint']);
      expect(result.exitCode, result.stderr).toBe(1);
      expect(sent(bench)).toEqual(['img-1', 'img-2']);
      expect(rejectedOf(bench)).toEqual(rejected);
      expect(summaryOf(result).intake).toMatchObject({ rejected: rejected.length, suspicious: {} });
    }),
  );

  it('from stdin too', () =>
    withPurge({}, async (bench) => {
      const result = await bench.startPipe([], 'img-1\nNULL\n-----\n(1 row)\n').finished;
      expect(result.exitCode, result.stderr).toBe(1);
      expect(sent(bench)).toEqual(['img-1']);
    }));

  it('and sent with --literal, but for what could never be sent', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', 'id,name\nNULL,b\n\\N,c\nid,name\n---,d\nhttps://example.com/a,e\nvariants/hero,f\na%2Fb,g\n');
      const result = await bench.delete(['--literal']);
      expect(result.exitCode, result.stderr).toBe(1);
      expect(sent(bench)).toEqual(['---', 'NULL', String.raw`\N`, 'a%2Fb', 'id']);
      expect(rejectedOf(bench).map(([line]) => line)).toEqual([6, 7]);
      expect(summaryOf(result).intake['suspicious']).toEqual({});
    }));
});

describe('values that look as if they were something else', () => {
  it('are sent as they stand; log and --json tell each kind with its count, an example and its line', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', `${LINES.join('\n')}\nimg-2%20b\nimg-2%20b\nimg-13\n`);
      const result = await bench.delete(['--log-file', 'log']);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(sent(bench)).toEqual([...LINES.map((value) => value.trim()), 'img-2%20b', 'img-13'].sort());
      const kinds = SUSPICIOUS.flatMap(([value, names], index) =>
        names.map((name) => [
          name,
          { count: name === 'percent-encoded' ? 2 : 1, example: value.trim(), source: 'ids.csv', line: index + 1 },
        ]),
      );
      expect(summaryOf(result).intake['suspicious']).toEqual(Object.fromEntries(kinds));
      expect(summaryOf(await bench.run(['status', 'ids.csv.checkpoint', '--json'])).intake['suspicious']).toEqual(
        Object.fromEntries(kinds),
      );
      const log = bench.read('log').trim().split('\n');
      const warnings = log.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ code }) => code === 'SUSPICIOUS_VALUES');
      expect(warnings).toHaveLength(kinds.length);
      expect(warnings[0]).toMatchObject({
        event: 'warning',
        suspicious: { kind: 'percent-encoded', count: 2, example: 'shop%2Fhero.jpg', source: 'ids.csv', line: 1 },
      });
    }));

  it('stand in the plan and in a dry run, under "Look at"', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', `img-0\n${LINES.join('\n')}\nHero\nhero\n`);
      const more = ['ids.csv', '--base-url', bench.simulator.url];
      for (const result of [
        await bench.run(['plan', ...more]),
        await bench.run(['delete', ...more, '--dry-run', '--checkpoint', 'other']),
      ]) {
        expect(result.exitCode, result.stderr).toBe(0);
        expect(result.stderr).toMatch(/Look at +1 +\S/);
        expect(result.stderr).toMatch(/ {2}1 +percent-encoded \(such as shop%2Fhero\.jpg, line 2\): they were taken from URLs/);
        expect(result.stderr).toMatch(/ {2}1 +with a count before the value \(such as 3 img-9, line 10\)/);
        expect(result.stderr).toMatch(/ {2}1 +like numbers that a spreadsheet has shortened \(such as 9\.91214E\+15, line 8\)/);
        expect(result.stderr).toMatch(/ {2}1 +differing from another one only in case or encoding \(such as Hero, line 14\)/);
        expect(result.stderr).toContain('--literal says that they are right');
      }
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it.each(LINES)('%j is refused by --strict: exit 7, nothing sent, and --literal sends it', (value) =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', `img-1\n${value}\n`);
      const refused = await bench.delete(['--strict']);
      expect(refused.exitCode).toBe(7);
      expect(refused.stderr).toMatch(
        /--strict allows no rejected row and no suspicious value.*\(such as .*, ids\.csv line 2\)\. Nothing was sent/,
      );
      expect(refused.stderr).toContain('--literal');
      expect(bench.simulator.record.requestCount).toBe(0);
      const literal = await bench.delete(['--strict', '--literal']);
      expect(literal.exitCode, literal.stderr).toBe(0);
      expect(sent(bench)).toEqual(['img-1', value.trim()].sort());
    }),
  );

  it('are not counted where they are protected or met again, nor twice where the list is read again', () =>
    withPurge({}, async (bench) => {
      bench.write('keep.txt', 'keep-1,\n');
      bench.write('ids.csv', 'id\nkeep-1%20\n"keep-1,"\na%2Fb\na%2Fb\n"open\n');
      expect((await bench.delete(['--exclude', 'keep.txt', '--min-ids', '1'])).exitCode).toBe(5);
      bench.write('ids.csv', 'id\nimg-1\n"keep-1,"\na%2Fb\na%2Fb\n');
      const result = await bench.delete(['--exclude', 'keep.txt', '--min-ids', '1']);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(summaryOf(result).intake['suspicious']).toEqual({
        'percent-encoded': { count: 1, example: 'a%2Fb', source: 'ids.csv', line: 4 },
      });
      expect(sent(bench)).toEqual(['a%2Fb', 'img-1']);
    }));

  it('with --literal the same file is another list', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', 'img-1\nNULL\nimg-2\n');
      expect((await bench.delete(['--limit', '1'])).exitCode).toBe(8);
      const other = await bench.delete(['--literal']);
      expect(other.exitCode).toBe(7);
      expect(sent(bench)).toEqual(['img-1']);
      expect((await bench.delete(['--literal', '--supersede'])).exitCode).toBe(0);
      expect(sent(bench)).toEqual(['NULL', 'img-1', 'img-2']);
    }));
});

describe('of shards', () => {
  it('each judges the whole list under --strict, and together they are counted once', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', 'id\nimg-1\na%2Fb\nimg-2\nimg-3\nc%2Fd\nc%2Fd\nimg-4\n');
      for (const shard of ['0/2', '1/2']) {
        const result = await bench.delete(['--shard', shard, '--strict', '--checkpoint', `strict-${shard[0]}`]);
        expect(result.exitCode).toBe(7);
        expect(result.stderr).toContain('2 percent-encoded (such as a%2Fb, ids.csv line 3)');
        expect((await bench.delete(['--shard', shard, '--checkpoint', `shard-${shard[0]}`])).exitCode).toBe(0);
      }
      const status = summaryOf(await bench.run(['status', 'shard-0', 'shard-1', '--json']));
      expect(status.intake['suspicious']).toEqual({ 'percent-encoded': { count: 2, example: 'a%2Fb', source: 'ids.csv', line: 3 } });
      expect(sent(bench)).toHaveLength(6);
    }));
});

describe('delivery URLs', () => {
  const HASHES = ['Abcdefghij0123456789_-', 'Zbcdefghij0123456789_-'];
  const urls = (...paths: readonly string[]): string => paths.map((path) => `https://imagedelivery.net/${path}\n`).join('');

  it('without a variant do not delete the image that a part of the ID names; those of another account are told', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', urls(`${HASHES[0]}/shop/hero.jpg`, `${HASHES[0]}/img-1/public`, `${HASHES[0]}/img-2/hero`));
      bench.write('more.csv', urls(`${HASHES[1]}/img-3/public`, `${HASHES[1]}/shop/${UUID}`, `${HASHES[1]}/shop/logo.png/w=20`));
      const strict = await bench.delete(['more.csv', '--delivery-urls', '--strict']);
      expect([strict.exitCode, sent(bench)]).toEqual([7, []]);
      const literal = await bench.delete(['--delivery-urls', '--literal', '--dry-run']);
      expect(summaryOf(literal).intake).toMatchObject({ accepted: 2, rejected: 1, suspicious: {} });

      const args = ['plan', 'ids.csv', 'more.csv', '--delivery-urls', '--drop-guards', '--base-url', bench.simulator.url];
      const plan = await bench.run(args);
      expect(plan.stderr).toMatch(
        /Look at +2 +of delivery URLs.*\n +1 +of delivery URLs whose last part.*such as img-2\/hero, ids\.csv line 3/,
      );
      expect(plan.stderr).toContain(
        `another account hash than the first one (such as ${HASHES[1]}, where ids.csv line 1 has ${HASHES[0]}, more.csv line 1)`,
      );

      const result = await bench.delete(['more.csv', '--delivery-urls']);
      expect(result.exitCode, result.stderr).toBe(1);
      expect(sent(bench)).toEqual(['img-1', 'img-2', 'img-3', 'shop/logo.png']);
      expect(rejectedOf(bench)).toEqual([
        [1, 'whether the last part of this URL is a variant cannot be told'],
        [2, 'whether the last part of this URL is a variant cannot be told'],
      ]);
      expect(summaryOf(result).intake).toMatchObject({
        suspicious: { 'unknown-variant': { count: 1 }, 'other-account': { count: 2, source: 'more.csv', line: 1 } },
      });
      expect(plan.stderr.match(/SUSPICIOUS_VALUES/g)).toHaveLength(2);
    }));
});
