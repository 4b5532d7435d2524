import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { FormOptions, SourceRef } from '../../../src/read/source.ts';
import { csvHeader } from '../../../src/report/csv.ts';
import { withFolder } from '../../support/cli/cli.ts';
import { pipe, read } from '../../support/ledger/read.ts';

const HEADER_OF_TWO_LINES = 'name,"long\nnote",id\nN1,x,good1\nN2,y,good2\n';

/** What a source is broken by, whether it shows when it is opened or while it is read. */
async function brokenBy(ref: SourceRef): Promise<string> {
  const error = await read(ref).then(
    (result) => result.error,
    (thrown: unknown) => thrown,
  );
  return error instanceof Error ? error.message : 'nothing';
}

const ids = async (text: string, options: Partial<FormOptions> = {}): Promise<string[]> =>
  (await read(pipe(text), options)).rows.map(([id]) => id);

describe('the ID column', () => {
  it('is found in a header record of two lines, wherever a pipe cuts it', async () => {
    for (let cut = 1; cut < HEADER_OF_TWO_LINES.length; cut++) {
      const { rows } = await read(pipe(HEADER_OF_TWO_LINES.slice(0, cut), HEADER_OF_TWO_LINES.slice(cut)));
      expect(rows, `cut at ${cut}`).toEqual([
        ['good1', 3],
        ['good2', 4],
      ]);
    }
  });

  it('is found in a header record longer than what is read of a file at a time', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'long.csv');
      writeFileSync(path, `"${'what it is\n'.repeat(40_000)}",id\nx,a1\n`);
      expect((await read({ kind: 'file', path })).rows).toEqual([['a1', 40_002]]);
    }));

  it.each(['name,"never closed\nN1,x\n', 'name,"a" b,id\nN1,x,a1\n'])(
    'is never guessed from a first record that is broken: %j',
    async (text) => {
      await expect(read(pipe(text), { format: 'csv' })).rejects.toMatchObject({
        code: 'SOURCE_BROKEN',
        message: expect.stringContaining('-, line 1: ') as unknown,
      });
      await expect(read(pipe(`\n \n${text}`))).rejects.toMatchObject({
        code: 'SOURCE_BROKEN',
        message: expect.stringContaining('-, line 3: ') as unknown,
      });
    },
  );

  it('is found below a line of white space, which is no row', async () => {
    expect((await read(pipe(' \nid,name\na1,x\n \t\na2,y\n'))).rows).toEqual([
      ['a1', 3],
      ['a2', 5],
    ]);
    expect((await read(pipe(' \nid,name\na1,x\n \t\na2,y\n'))).rejected).toEqual([]);
    expect((await read(pipe('\t\n\nid,name\na1,x\n'))).rows).toEqual([['a1', 4]]);
    expect((await read(pipe(' \n  \nid\tname\na1\tx\n'))).rows).toEqual([['a1', 4]]);
  });

  it.each<[string, Partial<FormOptions>]>([
    ['\t\t\nid\tname\turl\na1\tx\ty\n', { format: 'csv' }],
    ['\t\nid\tname\turl\na1\tx\ty\n', { format: 'csv' }],
    ['\n \t\t\t\nid\tname\turl\na1\tx\ty\n', { format: 'csv' }],
    ['\t\t\nid\tname\turl\na1\tx\ty\n', { column: 'id', delimiter: '\t' }],
    ['  \nid name url\na1 x y\n', { delimiter: ' ' }],
    [';;\nid;name;url\na1;x;y\n', { format: 'csv' }],
    [';;\nid;name;url\na1;x;y\n', {}],
    ['" "\nname,id\nx,a1\n', {}],
    ['" "\nid\na1\n', {}],
    ['\n""\nid\na1\n', { format: 'csv' }],
    [';;\nid;name;url\na1;x;y\n', { column: '1' }],
    ['\t\t\nid\tname\turl\na1\tx\ty\n', { format: 'csv', column: '1' }],
    ['\t\t\nid\tname\turl\na1\tx\ty\n', {}],
  ])('is in doubt below a row of empty fields: %j with %j is exit 2, and no name is taken for an ID', async (text, options) => {
    await expect(read(pipe(text), options)).rejects.toMatchObject({ code: 'HEADER_BELOW', exitCode: 2 });
  });
});

describe('several columns that a person has spoken of', () => {
  it.each<[string, Partial<FormOptions>]>([
    ['id,name\na1,x\n', { column: 'imageid' }],
    ['first,second\na1,x\n', { column: 'third' }],
    ['1,a1\n2,a2\n', { noHeader: true }],
    ['1^a1\n2^a2\n', { delimiter: '^' }],
    ['img_id\na1\na2\n', { column: 'imgid' }],
    ['IMG_ID\nhero\nlogo\n', { column: 'imgid' }],
    ['photo 1\na1\na2\n', { column: 'photo_1' }],
    ['picture\na1\na2\n', { column: 'key' }],
  ])('%j with %j: a missing column is exit 2, and no whole line is taken for an ID', async (text, options) => {
    await expect(read(pipe(text), options)).rejects.toMatchObject({ code: 'COLUMN_MISSING', exitCode: 2 });
  });

  it('a misspelt column is met with the one that was most likely meant; none is guessed at where none is named', async () => {
    const text = 'img_id,name\na1,x\n';
    await expect(read(pipe(text), { column: 'IMGID' })).rejects.toThrow('there is no column IMGID (is "img_id" meant?); nothing was sent');
    await expect(read(pipe(text), { column: 'key' })).rejects.toThrow('there is no column key; nothing was sent');
    await expect(read(pipe('ids,name\na1,x\n'), { format: 'csv' })).rejects.toThrow(/known name \([^?]*$/);
  });

  it.each<[string, Partial<FormOptions>, string[]]>([
    ['1^a1\n2^a2\n', { delimiter: '^', column: '2' }, ['a1', 'a2']],
    ['foo^id\n1^a1\n', { delimiter: '^' }, ['a1']],
    [',\n1,a1\n', { column: '2', noHeader: true }, ['a1']],
    ['1,a1\n2,a2\n', { column: '2' }, ['a1', 'a2']],
    ['id,name\na1,x\n', { column: 'name' }, ['x']],
    // Nothing of the kind is there: each line is an ID, as without the option.
    ['a1\na2\n', { column: 'name' }, ['a1', 'a2']],
    ['img-12\nimg-13\n', { column: 'imgid' }, ['img-12', 'img-13']],
    ['hero\nlogo\n', { column: 'key' }, ['hero', 'logo']],
    ['hero\na1\n', { column: 'key', format: 'lines' }, ['hero', 'a1']],
    ['x,y\n1,b\n', {}, ['x,y', '1,b']],
  ])('%j with %j holds %j', async (text, options, expected) => {
    expect(await ids(text, options)).toEqual(expected);
  });
});

describe('a report', () => {
  it('as CSV is refused: its cells are spelled for spreadsheets, and it names protected IDs too', async () => {
    await expect(read(pipe(`${csvHeader()}keep,protected,,,,,,,,,ids.csv,2,,\r\n`))).rejects.toMatchObject({
      code: 'SOURCE_IS_CSV_REPORT',
      exitCode: 2,
    });
  });

  it('line without the field of --column is passed over, whatever its outcome', async () => {
    const { rows, rejected, skipped } = await read(pipe('{"id":"a1","outcome":"failed","source":"x","line":2}\n'), { column: 'key' });
    expect({ rows, rejected, skipped }).toEqual({ rows: [], rejected: [], skipped: 1 });
  });
});

describe('a pipe that ends in the middle of a row', () => {
  it('puts that row in doubt and not the one before it', async () => {
    const { rows, rejected } = await read(pipe('id,x\na1,1\na2,2\na3'));
    expect(rows).toEqual([
      ['a1', 2],
      ['a2', 3],
    ]);
    expect(rejected).toMatchObject([{ raw: 'a3', line: 4 }]);
  });
});

describe('a line over 1 MiB', () => {
  it.each([1_024 * 1_024 + 1, 1_300_000])('of %i bytes is broken, wherever it is cut', async (bytes) => {
    const text = `{"id":"a1"}\n{"id":"a2","x":"${'y'.repeat(bytes - 18)}"}\n{"id":"a3"}\n`;
    for (const pieceBytes of [65_536, 500_000, 2_000_000]) {
      const pieces = Array.from({ length: Math.ceil(text.length / pieceBytes) }, (_, index) =>
        text.slice(index * pieceBytes, (index + 1) * pieceBytes),
      );
      expect(await brokenBy(pipe(...pieces))).toMatch(/^-, line 2: a line is longer/);
    }
  });
});

describe('what stands above what is broken', () => {
  const done = '{"id":"c","outcome":"deleted","source":"s","line":1}';
  it.each([
    ['NDJSON', `${done}\n`, '=cmd|x\n'],
    ['JSON', `[${done},`, '=cmd]'],
  ])('is read in %s, lines of a report that are done too, wherever it is cut', async (_, sound, broken) => {
    const readings = [await read(pipe(sound + broken)), await read(pipe(sound, broken))];
    expect(readings.map(({ skipped }) => skipped)).toEqual([1, 1]);
    expect(readings.map(({ error }) => error?.message)).toEqual([expect.stringContaining('no JSON'), expect.stringContaining('no JSON')]);
  });
});

describe('the line of what is broken', () => {
  const lines = (end: string): string => Array.from({ length: 60_000 }, (_, index) => `image-${index}${end}`).join('');

  it.each(['\n', '\r', '\r\n'])('is counted by %j', async (end) => {
    const invalid = Buffer.concat([Buffer.from(lines(end)), Buffer.from([0xff, 0xfe]), Buffer.from(`${end}a${end}`)]);
    expect(await brokenBy(pipe(invalid))).toMatch(/^-, line 60001: it is not valid UTF-8/);
    expect(await brokenBy(pipe(`${lines(end)}${'x'.repeat(1_100_000)}${end}`))).toMatch(/^-, line 60001: a line is longer/);
  });

  it('is near in UTF-16, too', async () => {
    const bytes = Buffer.from(`\uFEFF${lines('\n')}\ud800\n`, 'utf16le');
    expect(await brokenBy(pipe(bytes))).toMatch(/^-, line 60001: it is not valid UTF-16/);
  });
});
