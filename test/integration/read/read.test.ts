import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { hashFile } from '../../../src/read/digest.ts';
import { openSource } from '../../../src/read/open.ts';
import type { FormOptions, SourceRef } from '../../../src/read/source.ts';
import { withFolder } from '../../support/cli/cli.ts';
import { AUTO, pipe, type Read, read } from '../../support/ledger/read.ts';

const INPUTS = fileURLToPath(new URL('../../../fixtures/inputs/', import.meta.url));
const file = (name: string): SourceRef => ({ kind: 'file', path: join(INPUTS, name) });

describe('a source is recognised', () => {
  it.each<[string, Partial<FormOptions>, [string, number][]]>([
    [
      'one-column.csv',
      {},
      [
        ['a1', 2],
        ['a2', 3],
        ['a3', 4],
      ],
    ],
    [
      'no-header.csv',
      {},
      [
        ['a1', 1],
        ['a2', 2],
        ['a3', 3],
      ],
    ],
    [
      'one-column.csv',
      { noHeader: true },
      [
        ['id', 1],
        ['a1', 2],
        ['a2', 3],
        ['a3', 4],
      ],
    ],
    [
      'several-columns.csv',
      {},
      [
        ['a1', 2],
        ['a2', 3],
      ],
    ],
    [
      'several-columns.csv',
      { column: 'name' },
      [
        ['hero', 2],
        ['thumb', 3],
      ],
    ],
    [
      'several-columns.csv',
      { column: '3' },
      [
        ['10', 2],
        ['20', 3],
      ],
    ],
    [
      'no-header-several.csv',
      { column: '2' },
      [
        ['a1', 1],
        ['a2', 2],
      ],
    ],
    [
      'semicolon.csv',
      {},
      [
        ['a1', 2],
        ['a2', 3],
      ],
    ],
    [
      'tab.tsv',
      {},
      [
        ['a1', 2],
        ['a2', 3],
      ],
    ],
    [
      'pipe.txt',
      {},
      [
        ['a1', 2],
        ['a2', 3],
      ],
    ],
    [
      'quoted.csv',
      {},
      [
        ['a1', 2],
        ['a2', 4],
        ['a3', 5],
      ],
    ],
    [
      'mixed-line-ends.csv',
      {},
      [
        ['a1', 2],
        ['a2', 3],
        ['a3', 4],
        ['a4', 5],
      ],
    ],
    [
      'blank-lines.csv',
      {},
      [
        ['a1', 4],
        ['a2', 7],
      ],
    ],
    ['bom.csv', {}, [['a1', 2]]],
    [
      'utf16le.csv',
      {},
      [
        ['a1', 2],
        ['é', 3],
      ],
    ],
    ['utf16be.csv', {}, [['a1', 2]]],
    [
      'ids.csv.gz',
      {},
      [
        ['a1', 2],
        ['a2', 3],
      ],
    ],
    [
      'ids.csv.zst',
      {},
      [
        ['a1', 2],
        ['a2', 3],
      ],
    ],
    [
      'two-members.csv.gz',
      {},
      [
        ['a1', 2],
        ['a2', 3],
      ],
    ],
    [
      'lines.txt',
      {},
      [
        ['a1', 2],
        ['  a2  ', 4],
        ['#a3', 5],
      ],
    ],
  ])('%s %j', async (name, options, rows) => {
    expect(await read(file(name), options)).toMatchObject({ rows, rejected: [], error: undefined });
  });

  it('NDJSON, each object by its own ID field; objects without one, or with a number, are rejected', async () => {
    const { rows, rejected } = await read(file('ids.ndjson'));
    expect(rows).toEqual([
      ['a1', 1],
      ['a2', 3],
    ]);
    expect(rejected.map(({ line }) => line)).toEqual([4, 5, 6]);
  });

  it('a report: failed and planned IDs are taken, the others passed over', async () => {
    expect(await read(file('report.ndjson'))).toMatchObject({
      rows: [
        ['a2', 2],
        ['a3', 3],
      ],
      skipped: 2,
      rejected: [],
    });
  });

  it('missing and empty cells after the ID do no harm; rows with another number of fields are rejected, with their line', async () => {
    const { rows, rejected } = await read(file('ragged.csv'));
    expect(rows).toEqual([
      ['a1', 2],
      ['a2', 3],
      ['a4', 5],
    ]);
    expect(rejected.map(({ line }) => line)).toEqual([4]);
    expect((await read(pipe('id,name\na1,x,\na2,,,\n'))).rows).toEqual([
      ['a1', 2],
      ['a2', 3],
    ]);
    expect((await read(pipe('name,id\nx\n'))).rejected).toMatchObject([{ reason: 'has 1 fields, the first row has 2', line: 2 }]);
  });

  it.each(['empty.csv', 'header-only.csv'])('%s is empty, which is a warning', async (name) => {
    expect(await read(file(name))).toMatchObject({
      rows: [],
      error: undefined,
      warnings: [expect.stringContaining('holds no rows') as string],
    });
  });

  it('a pipe given as a path is read once', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'fifo');
      execFileSync('mkfifo', [path]);
      const writing = new Promise<void>((resolve, reject) => {
        import('node:fs/promises').then(({ writeFile }) => writeFile(path, 'id\na1\na2\n')).then(resolve, reject);
      });
      expect((await read({ kind: 'file', path })).rows).toEqual([
        ['a1', 2],
        ['a2', 3],
      ]);
      await writing;
    }));
});

describe('a column that is unclear is exit 2 and lists what was found', () => {
  it.each<[string, Partial<FormOptions>]>([
    ['duplicate-column.csv', {}],
    ['ambiguous-columns.csv', {}],
    ['no-id-column.csv', {}],
    ['no-header-several.csv', {}],
    ['several-columns.csv', { column: 'nope' }],
    ['several-columns.csv', { column: '4' }],
    ['several-columns.csv', { column: 'image_id', noHeader: true }],
  ])('%s %j', async (name, options) => {
    await expect(read(file(name), options)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/Columns found: 1 ".*", 2 "/) as string,
    });
  });
});

describe('a broken source stops at its line', () => {
  it.each<[string, string, number, string[]]>([
    ['unclosed-quote.csv', 'a quote is opened and never closed', 3, ['a1']],
    ['quote-inside.csv', 'a quote stands inside a field that is not quoted', 3, ['a1']],
    ['text-after-quote.csv', 'text follows a closing quote', 4, ['a1']],
    ['invalid-utf8.csv', 'not valid UTF-8', 3, []],
    ['broken.ndjson', 'no JSON', 2, ['a1']],
  ])('%s: %s, line %i', async (name, what, line, rowsBefore) => {
    const { error, rows } = await openAndRead(name);
    expect(error).toMatchObject({ exitCode: 5, code: 'SOURCE_BROKEN' });
    expect(error?.message).toContain(`${join(INPUTS, name)}, line ${line}: `);
    expect(error?.message).toContain(what);
    for (const [value] of rows) expect(rowsBefore).toContain(value);
  });

  it.each([
    ['cut.csv.gz', 'it ends in the middle'],
    ['damaged.csv.gz', ''],
    ['gzip-and-garbage.csv.gz', 'data that is not packed follows it'],
  ])('%s: %s', async (name, why) => {
    const { error } = await openAndRead(name);
    expect(error).toMatchObject({ exitCode: 5 });
    expect(error?.message).toMatch(/its gzip data is broken or cut short \(.*\); (?:no line of it was unpacked|line \d+ is the last one)/);
    expect(error?.message).toContain(why);
  });

  it.each([gzipSync, zstdCompressSync])('packed data with garbage behind it names the last line that was unpacked', async (pack) => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `img-${index}\n`).join('');
    const { error, rows } = await read(pipe(Buffer.concat([pack(Buffer.from(lines)), Buffer.from('garbage\n')])));
    const named = Number(/; line (\d+) is the last one that was unpacked/.exec(error?.message ?? '')?.[1]);
    expect(named).toBeGreaterThan(0);
    expect(rows.at(-1)?.[1]).toBe(named);
  });

  it('a line over 1 MiB, in a gzip bomb too, without taking it into memory', async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from('id\na1\n'), Buffer.alloc(64 * 1024 * 1024, 0x61)]));
    await withFolder(async (folder) => {
      const path = join(folder, 'bomb.csv.gz');
      writeFileSync(path, bomb);
      const { error } = await read({ kind: 'file', path });
      expect(error).toMatchObject({ exitCode: 5 });
      expect(error?.message).toContain('line 3: a line is longer than');
    });
  });

  it('a record over 1 MiB is named by the line on which its quote opens', async () => {
    const { error } = await read(pipe('id\na1\n"open\n', ...Array.from({ length: 40 }, () => 'row\n'.repeat(10_000))));
    expect(error?.message).toContain('line 3: a record is longer than');
  });

  it('a missing file and a folder are exit 5', async () => {
    await expect(read(file('none.csv'))).rejects.toMatchObject({ exitCode: 5, code: 'SOURCE_UNREADABLE' });
    await expect(read({ kind: 'file', path: INPUTS })).rejects.toMatchObject({ exitCode: 5, code: 'SOURCE_UNREADABLE' });
  });

  /** Some are so broken that opening them shows it. */
  async function openAndRead(name: string): Promise<Read> {
    return read(file(name)).catch((error: unknown) => ({ rows: [], rejected: [], skipped: 0, warnings: [], error: error as Error }));
  }
});

describe('the last row of a pipe', () => {
  it('without a line end is rejected: it may be cut off', async () => {
    const { rows, rejected } = await read(pipe('id\na1\na2'));
    expect(rows).toEqual([['a1', 2]]);
    expect(rejected).toMatchObject([{ raw: 'a2', line: 3, reason: expect.stringContaining('may be cut off') as string }]);
  });

  it.each([
    ['a whole UUID in CSV', 'id\n3f0c8a44-1a2b-4c3d-8e9f-a91e00112233', 1],
    ['a whole UUID as a line', 'first\n3f0c8a44-1a2b-4c3d-8e9f-a91e00112233', 2],
    ['a whole JSON object', '{"id":"a1"}\n{"id":"a2"}', 2],
  ])('that is %s is taken', async (_, text, count) => {
    const { rows, rejected } = await read(pipe(text));
    expect([rows.length, rejected.length]).toEqual([count, 0]);
  });

  it.each<[string, Partial<FormOptions>, string]>([
    ['7\n', {}, '7'],
    ['7\r', {}, '7'],
    ['7\n', { format: 'csv' }, '7'],
    ['\n7', {}, ''],
    ['7', {}, ''],
  ])('has its line end in a source of less than three bytes, too: %j', async (text, options, taken) => {
    const { rows, rejected } = await read(pipe(text), options);
    expect([rows.map(([value]) => value), rejected.length]).toEqual(taken === '' ? [[], 1] : [[taken], 0]);
  });

  it('in a file is accepted, with a warning', async () => {
    const { rows, warnings } = await read(file('mixed-line-ends.csv'));
    expect(rows.at(-1)).toEqual(['a4', 5]);
    expect(warnings).toEqual([expect.stringContaining('no line end')]);
  });
});

it('the digest is of the bytes as they lie there', async () => {
  const source = await openSource(file('ids.csv.gz'), AUTO, new AbortController().signal);
  for await (const batch of source.batches()) expect(batch.rejected).toEqual([]);
  const digest = await hashFile(join(INPUTS, 'ids.csv.gz'), new AbortController().signal);
  expect(source.digest()).toEqual(digest);
  expect(digest.sizeBytes).toBe((await readFile(join(INPUTS, 'ids.csv.gz'))).length);
});
