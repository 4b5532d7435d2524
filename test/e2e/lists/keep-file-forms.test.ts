import { writeFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { IdFiles } from '../../../src/list/id-files.ts';
import { withPurge } from '../../support/purge/purge.ts';

/** Deletes `img-1`, `keep-1` and `img-2` but for what the file protects. */
async function deleteBut(name: string, content: string | Uint8Array, more: readonly string[] = []) {
  return withPurge({}, async (bench) => {
    bench.write('ids.csv', 'id\nimg-1\nkeep-1\nimg-2\n');
    writeFileSync(bench.path(name), content);
    const { exitCode, stderr } = await bench.delete(['--exclude', name, ...more]);
    const chosen = exitCode === 0 && !more.includes('--allow-empty-exclude') ? await chosenBy(bench.path(name), more[1]) : [];
    return { exitCode, stderr, chosen, sent: [...bench.simulator.record.deleteRequests.keys()].sort() };
  });
}

/** Which of the three `list --in` takes by the file, and `--not-in` leaves out. */
async function chosenBy(path: string, excludeColumn: string | undefined): Promise<string[]> {
  const options = { excludeColumn, excludeLiteral: false, allowEmptyExclude: false };
  const effects = { observer: { event: () => undefined }, halt: new AbortController().signal, called: 'file of --in' } as const;
  using files = await IdFiles.read([path], options, effects);
  return ['img-1', 'keep-1', 'img-2'].filter((id) => files.has(id));
}

const ANSWER = { result: { images: [{ id: 'keep-1', meta: { id: 'x' } }] }, success: true, errors: [] };

describe('an exclude file in a form that people have protects', () => {
  it.each<[string, string, string, readonly string[]]>([
    ['a pretty JSON array', 'keep.txt', '[\n "keep-1"\n]\n', []],
    ["the API's own answer", 'keep.json', JSON.stringify(ANSWER, null, 2), []],
    ['quoted strings with commas', 'keep.txt', '"keep-1",\n"keep-2"\n', []],
    ['a sheet with semicolons', 'keep.txt', 'ID;Name\nkeep-1;logo\n', []],
    ['a sheet of Excel', 'keep.txt', '\ufeffsep=;\r\nID;Name\r\nkeep-1;logo\r\n', []],
    ['files with byte order marks joined by cat', 'keep.txt', '\ufeffkeep-2\n\ufeffkeep-1\n', []],
    ['JSON with byte order marks joined by cat', 'keep.json', '\ufeff["keep-2"]\n\ufeff["keep-1"]\n', []],
    ['a list with a mark joined to one without a line end', 'keep.txt', 'keep-1\ufeffkeep-2\n', []],
    ['a table with a mark joined to one without a line end', 'keep.csv', 'id\nkeep-1\ufeffid\nkeep-2\n', []],
    ['one of two known fields', 'keep.json', '[{"id":17,"image_id":"keep-1"}]', ['--exclude-column', 'image_id']],
    ['tables with byte order marks joined by cat', 'keep.csv', '\ufeffcf_image_id,n\nkeep-1,a\n', []],
    ['a column that is said', 'keep.csv', 'id,cf_image\n17,keep-1\n', ['--exclude-column', 'cf_image']],
    ['a column that is said, without case', 'keep.csv', 'id,CF_Image\n17,keep-1\n', ['--exclude-column', 'cf_image']],
    ['a column that is said by its position', 'keep.csv', 'id,cf_image\n17,keep-1\n', ['--exclude-column', '2']],
    ['the more telling of two known names', 'keep.csv', 'id,image_id\n17,keep-1\n', ['--exclude-column', 'image_id']],
    ['a field of NDJSON', 'keep.ndjson', '{"id":"17","image":"keep-1"}\n', ['--exclude-column', 'image']],
  ])('%s', async (_, name, content, more) => {
    const { exitCode, sent, stderr, chosen } = await deleteBut(name, content, more);
    expect(sent, stderr).toEqual(['img-1', 'img-2']);
    expect(exitCode, stderr).toBe(0);
    expect(chosen, '--in and --not-in').toEqual(['keep-1']);
  });
});

describe('a line that a person wrote protects every ID that it may mean', () => {
  it.each<[string, string]>([
    ['a quote and a comma around it', "'keep-1',\n'keep-2'\n"],
    ['a comma behind it', 'keep-1,\n'],
    ['two of them in one row', 'keep-1, keep-2\n'],
    ['a remark behind it', 'keep-1   # home page\n'],
    ['a remark behind a tab', 'keep-1\thome page\n'],
    ['a remark behind a comma', 'keep-1,home page\n'],
    ['a mark and a remark beside a row in quotes', '- keep-1   # home page\n"keep-2",\n'],
    ['a list mark', '- keep-2\n- keep-1\n'],
    ['a number', '1. keep-2\n2. keep-1\n'],
    ['a count', '      3 keep-1\n'],
    ['all IDs in one line', 'keep-2 keep-1\n'],
    ['an arrow and words', 'keep-1 -> home page\n'],
    ['a name before it', 'KEEP=keep-2,keep-1\n'],
    ["a file's name before it, by grep", 'ids.txt:keep-1\n'],
    ['a long listing of files', 'total 8\n-rw-r--r-- 1 me us 12 Jan  1 00:00 keep-1\n'],
    ['a link of Markdown', '* [logo](https://imagedelivery.net/Abcdefghij0123456789_-/keep-1/public)\n'],
    ['typographic quotes', '\u201ckeep-1\u201d\n'],
    ['an invisible character', 'keep-1\u200b\n'],
    ['capitals', 'Keep-1\n'],
    ['a variant', 'keep-1/public\n'],
    ['a delivery URL without a scheme', 'imagedelivery.net/Abcdefghij0123456789_-/keep-1/public\n'],
    ['a delivery URL without a variant', 'https://imagedelivery.net/Abcdefghij0123456789_-/keep-1\n'],
  ])('%s', async (_, content) => {
    const { exitCode, sent, stderr, chosen } = await deleteBut('keep.txt', content);
    expect(sent, stderr).toEqual(['img-1', 'img-2']);
    expect(exitCode, stderr).toBe(0);
    expect(chosen, '--in and --not-in').toEqual(['keep-1']);
  });

  it.each(['hero (1)', 'smith, john.jpg', 'summer sale', '50%off', '1/public'])(
    '%j is an ordinary ID, and no reason to refuse',
    async (id) => {
      const { exitCode, sent, stderr } = await deleteBut('keep.txt', `${id}\nkeep-1\n`);
      expect(sent, stderr).toEqual(['img-1', 'img-2']);
      expect(exitCode, stderr).toBe(0);
    },
  );
});

describe('an exclude file that is no list, or in doubt, is exit 2 with file, line and reason, and nothing is sent', () => {
  it.each<[string, string, string | Uint8Array, RegExp]>([
    [
      'a drawn table',
      'keep.txt',
      '+--------+\n| id     |\n+--------+\n| keep-1 |\n+--------+\n',
      /keep\.txt, line 1: this is a table drawn with lines/,
    ],
    ['a dump of a database', 'keep.sql', `INSERT INTO images VALUES('keep-1','logo');\n`, /keep\.sql, line 1: this is a script of SQL/],
    ['names and values', 'keep.txt', '  id = keep-1\nname = logo\n', /keep\.txt, line 1: this is rows written one below the other/],
    [
      'names and values of psql -xA',
      'keep.txt',
      'id|keep-1\nname|logo\n\nid|keep-2\nname|b\n',
      /line 4 has such a name in the same column/,
    ],
    ['a Markdown table', 'keep.md', '| id | n |\n|---|---|\n| keep-1 | b |\n', /keep\.md, line 2: this is a Markdown table/],
    ['a web page', 'keep.html', '<html>keep-1</html>\n', /keep\.html, line 1: this is a web page/],
    [
      'a spreadsheet',
      'keep.xlsx',
      Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(26), Buffer.from('[Content_Types].xml')]),
      /soffice --headless/,
    ],
    ['a failed program', 'keep.txt', 'psql: error: connection failed\n', /keep\.txt, line 1: this is what a program wrote about an error/],
    ['a failed answer', 'keep.json', '{"success":false,"errors":[{"code":1}]}', /an answer of the API that says what went wrong/],
    [
      'two known names',
      'keep.csv',
      'id,cloudflare_image_id\n1,keep-1\n',
      /keep\.csv, line 1: more than one column.*--exclude-column NAME/s,
    ],
    ['two delimiters', 'keep.csv', 'id;name,id\nkeep-1;a,x\n', /keep\.csv, line 1: parted by "," and by ";".*one ID a line/s],
    ['a locale in a list without names', 'keep.csv', 'keep-1,id\nkeep-2,en\n', /keep\.csv, line 1: whether it names the columns/],
    [
      'numbers under id beside a column of images',
      'keep.csv',
      'id,cf_image\n17,keep-1\n',
      /keep\.csv, line 1: "id" holds numbers, and "cf_image" may be it.*--exclude-column NAME/s,
    ],
    [
      'two known fields',
      'keep.ndjson',
      '{"id":1,"cf_image_id":"keep-1"}\n',
      /keep\.ndjson, line 1: the first object holds more than one ID field: id, cf_image_id.*--exclude-column NAME/s,
    ],
    [
      'a later object with two known fields',
      'keep.json',
      '[{"id":"keep-1"},{"id":"1","image_id":"keep-2"}]',
      /keep\.json, line 1, holds no usable ID.*holds more than one ID field: id, image_id/s,
    ],
    [
      'several columns without a known name',
      'keep.csv',
      'a,b\n1,keep-1\n',
      /keep\.csv, line 1: none of its columns.*--exclude-column NAME/s,
    ],
    ['a title above the header', 'keep.csv', 'Keep these\nid,name\nkeep-1,a\n', /keep\.csv, line 2: the columns are named here/],
    [
      'a quote that swallows rows',
      'keep.csv',
      'id,n\nkeep-1,"27 inch\nkeep-2,x\nkeep-3,y"\n',
      /keep\.csv, line 2: a quoted field goes over several lines/,
    ],
    ['JSON that is cut off', 'keep.json', '["keep-1","keep-', /keep\.json, line 1: byte \d+: its JSON ends in the middle/],
    ['JSON without IDs', 'keep.json', '{\n "data": ["keep-1"]\n}', /keep\.json, line 1, holds no usable ID/],
    [
      'sentences',
      'keep.txt',
      'Please do not delete the image keep-1,\nit is shown on our front page.\n',
      /keep\.txt is no list: most of its rows read like sentences/,
    ],
    [
      'a report',
      'keep.ndjson',
      '{"id":"keep-1","outcome":"protected","source":"s","line":1}\n',
      /keep\.ndjson is a report of images-purge/,
    ],
    ['a report cut to two fields', 'keep.ndjson', '{"id":"keep-1","outcome":"failed"}\n', /keep\.ndjson is a report of images-purge/],
    ['a report cut to two columns', 'keep.csv', 'id,outcome\nkeep-1,failed\n', /keep\.csv is a report of images-purge/],
    [
      'an object that gives its ID twice',
      'keep.ndjson',
      '{"id":"keep-1","id":"keep-2"}\n',
      /keep\.ndjson, line 1, holds no usable ID.*gives its field id more than once/s,
    ],
    ['UTF-16 without a mark', 'keep.txt', Buffer.from('keep-1\n', 'utf16le'), /UTF-16 text without a byte order mark/],
    [
      'Windows-1252',
      'keep.txt',
      Buffer.from('keep-\u00e9\n', 'latin1'),
      /keep\.txt, line 1: it is not valid UTF-8.*iconv -f WINDOWS-1252/s,
    ],
  ])('%s', async (_, name, content, told) => {
    const { exitCode, sent, stderr } = await deleteBut(name, content);
    expect(stderr).toMatch(told);
    expect(exitCode).toBe(2);
    expect(sent).toEqual([]);
  });

  it('that may be cut off, or holds nothing, is told as a source is', async () => {
    for (const [name, content] of [
      ['keep.txt', 'keep-2\nkeep-1'],
      ['keep.csv', 'id\nkeep-1'],
      ['keep.ndjson', '{"id":"keep-1"}'],
    ] as const) {
      const { exitCode, sent, stderr } = await deleteBut(name, content);
      expect(stderr).toContain(`exclude file ${name}: its last row has no line end; it was taken as it is`);
      expect([exitCode, sent]).toEqual([0, ['img-1', 'img-2']]);
    }
    const empty = await deleteBut('keep.txt', '\n', ['--allow-empty-exclude']);
    expect(empty.stderr).toContain('exclude file keep.txt holds no rows');
    expect((await deleteBut('keep.txt', 'keep-1\n')).stderr).not.toContain('line end');
  });

  it('the options of sources say nothing about it', async () => {
    const { exitCode, sent } = await deleteBut('keep.csv', 'name,id\na,keep-1\n', ['--column', 'id', '--quote', 'none']);
    expect([exitCode, sent]).toEqual([0, ['img-1', 'img-2']]);
  });
});
