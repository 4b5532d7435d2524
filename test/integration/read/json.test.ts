import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import type { FormOptions } from '../../../src/read/source.ts';
import { pipe, read } from '../../support/ledger/read.ts';

const ANSWER = {
  result: { images: [{ id: 'img-1', filename: 'a', meta: { id: 'inner' }, variants: ['x/public'] }, { id: 'img-2' }] },
  success: true,
  errors: [],
};

describe('JSON', () => {
  it.each<[string, [string, number][]]>([
    [
      '["img-1","img-2"]',
      [
        ['img-1', 1],
        ['img-2', 1],
      ],
    ],
    [
      '[\n  "img-1",\n  "img-2"\n]\n',
      [
        ['img-1', 2],
        ['img-2', 3],
      ],
    ],
    ['\ufeff [ "img-1" ]', [['img-1', 1]]],
    [
      '\ufeff["img-1"]\n\ufeff\ufeff["img-2"]\r\n\ufeff[]',
      [
        ['img-1', 1],
        ['img-2', 2],
      ],
    ],
    [
      '[{"id":"img-1","size":1},{"image_id":"img-2"},{"ID":"img-3"}]',
      [
        ['img-1', 1],
        ['img-2', 1],
        ['img-3', 1],
      ],
    ],
    ['[\n {\n  "name": "x",\n  "cfImageId": "img-1"\n }\n]', [['img-1', 2]]],
    [
      JSON.stringify(ANSWER),
      [
        ['img-1', 1],
        ['img-2', 1],
      ],
    ],
    [
      JSON.stringify(ANSWER, null, 2),
      [
        ['img-1', 4],
        ['img-2', 14],
      ],
    ],
    [
      `${JSON.stringify(ANSWER)}\n${JSON.stringify(ANSWER)}\n`,
      [
        ['img-1', 1],
        ['img-2', 1],
        ['img-1', 2],
        ['img-2', 2],
      ],
    ],
    [
      `${JSON.stringify(ANSWER)}${JSON.stringify(ANSWER)}`,
      [
        ['img-1', 1],
        ['img-2', 1],
        ['img-1', 1],
        ['img-2', 1],
      ],
    ],
    [
      '["a"]\n["b"]["c"]',
      [
        ['a', 1],
        ['b', 2],
        ['c', 2],
      ],
    ],
    [
      '{\n "id": "img-1"\n}\n{\n "id": "img-2"\n}\n',
      [
        ['img-1', 1],
        ['img-2', 4],
      ],
    ],
    [
      '["caf\\u00e9 \\/ \\"x\\"","👍"]',
      [
        ['café / "x"', 1],
        ['👍', 1],
      ],
    ],
    ['[]', []],
  ])('%j', async (text, rows) => {
    for (const chunks of [[Buffer.from(text)], Array.from(Buffer.from(text), (byte) => Buffer.from([byte]))]) {
      expect(await read(pipe(...chunks))).toMatchObject({ rows, rejected: [], error: undefined });
    }
  });

  it('is found by content, whatever the name, and packed', async () => {
    expect((await read(pipe(gzipSync('["img-1"]')))).rows).toEqual([['img-1', 1]]);
  });

  it.each<[string, Partial<FormOptions>, string[]]>([
    ['[{"id":"a","key":"b"}]', { column: 'key' }, ['b']],
    ['[{"id":"a","Key":"b"}]', { column: 'key' }, ['b']],
    ['{"id":"a","Key":"b"}\n', { column: 'key' }, ['b']],
    ['{"Image-ID":"a"}\n', {}, ['a']],
  ])('%j with %j holds %j', async (text, options, ids) => {
    expect((await read(pipe(text), options)).rows.map(([id]) => id)).toEqual(ids);
  });

  it('rejects an object without the field that --column names, and says which was most likely meant', async () => {
    const { rejected } = await read(pipe('{"img_id":"a","name":"x"}\n{"name":"x"}\n'), { column: 'imgid' });
    expect(rejected.map(({ reason }) => reason)).toEqual(['has no field imgid (is img_id meant?)', 'has no field imgid']);
  });

  it('rejects what is neither an ID nor an object with one', async () => {
    const { rows, rejected } = await read(pipe('["a", 1, null, ["b"], {"name":"x"}, {"id":7}, {"id":"c","image_id":"d"}, "e"]'));
    expect(rows).toEqual([
      ['a', 1],
      ['e', 1],
    ]);
    expect(rejected.map(({ raw }) => raw)).toEqual(['1', 'null', '[…]', '{"name":"x"}', '{"id":7}', '{"id":"c","image_id":"d"}']);
  });

  it('lines of a report in an array are passed over as in NDJSON', async () => {
    const lines = [
      { id: 'a', outcome: 'deleted', source: 's', line: 1 },
      { id: 'b', outcome: 'failed', source: 's', line: 2 },
    ];
    expect(await read(pipe(JSON.stringify(lines, null, 1)))).toMatchObject({ rows: [['b', 8]], skipped: 1 });
  });

  it.each<[string, number, number, string]>([
    ['["img-1",\n"img-2', 2, 17, 'its JSON ends in the middle (the last ID before it is "img-1")'],
    ['["img-1" "img-2"]', 1, 10, 'it is no JSON from here on (the last ID before it is "img-1")'],
    ['["img-1",\n "img-2",\n oops]', 3, 22, 'it is no JSON from here on (the last ID before it is "img-2")'],
    ['["img-1"]\nimg-2\n', 2, 11, 'it is no JSON from here on (the last ID before it is "img-1")'],
    ['{\n"result": [', 2, 14, 'its JSON ends in the middle (no ID stands before it)'],
  ])('%j is broken in line %i at byte %i', async (text, line, byte, what) => {
    for (const chunks of [[text], Array.from(text)]) {
      const { error, rows } = await read(pipe(...chunks));
      expect(error).toMatchObject({
        exitCode: 5,
        code: 'SOURCE_BROKEN',
        message: expect.stringContaining(`-, line ${line}: byte ${byte}: ${what}`) as string,
      });
      expect(rows.length).toBe(what.includes('no ID') ? 0 : what.includes('img-2') ? 2 : 1);
    }
  });

  it('a failed page after good ones makes the list broken, not shorter', async () => {
    const { error } = await read(pipe(`${JSON.stringify(ANSWER)}\n{"success":false,"errors":[{"code":971}],"result":null}\n`));
    expect(error).toMatchObject({ exitCode: 5, message: expect.stringContaining('the list is not whole') as string });
  });

  it.each(['[1] img-1\n', '[draft] img-1\n', '[]x\n', '[img-1]\n'])('%j is a line', async (text) => {
    expect((await read(pipe(text))).rows).toEqual([[text.trim(), 1]]);
  });

  it('an open quote, and brackets without end, take no memory', async () => {
    const open = await read(pipe('["img-1","', ...Array.from({ length: 40 }, () => 'x'.repeat(100_000))));
    expect(open.error?.message).toContain('a value is longer than');
    expect((await read(pipe('[['.repeat(3_000)))).error?.message).toContain('nested deeper than');
  });

  it('may be one line of a million IDs', async () => {
    const chunks = Array.from({ length: 100 }, (_, index) => {
      const ids = Array.from({ length: 10_000 }, () => JSON.stringify(randomUUID())).join(',');
      return `${index === 0 ? '[' : ','}${ids}${index === 99 ? ']' : ''}`;
    });
    expect((await read(pipe(...chunks))).rows).toHaveLength(1_000_000);
  });
});
