import { execFileSync } from 'node:child_process';
import { appendFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

/** What the API was asked to delete. */
const sent = (bench: PurgeBench): readonly string[] => [...bench.simulator.record.deleteRequests.keys()].sort();

/** Preloaded: a program that adds to a file whenever a piece of it is read. */
const WRITES_ON = `data:text/javascript,${encodeURIComponent(`
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const createReadStream = fs.createReadStream;
  fs.createReadStream = (path, options) =>
    createReadStream(path, options).on('data', () => process.env.WRITTEN_ON.endsWith(path) && fs.appendFileSync(path, 'keep-more\\n'));
  syncBuiltinESMExports();
`)}`;

const UUIDS = Array.from({ length: 10 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`);
const ANSWER = { result: { images: [{ id: 'img-1', meta: { id: 'x' } }, { id: 'img-2' }] }, success: true, errors: [], messages: [] };

describe('a list in a form that people have is read', () => {
  it.each<[string, string, readonly string[]]>([
    ['a JSON array', '["img-1","img-2"]', []],
    ['a pretty JSON array', JSON.stringify(['img-1', 'img-2'], null, 2), []],
    ["the API's own answer", JSON.stringify(ANSWER), []],
    ["the API's own answer, pretty, twice", `${JSON.stringify(ANSWER, null, 2)}\n`.repeat(2), []],
    ['an array of objects', '[{"id":"img-1"},{"ID":"img-2"}]', []],
    ['a title above the header, with --skip-lines', 'Image export\n\nid,name\nimg-1,a\nimg-2,b\n', ['--skip-lines', '2']],
    ["PowerShell's #TYPE, with --skip-lines", '#TYPE Selected\n"id","name"\n"img-1","a"\n"img-2","b"\n', ['--skip-lines', '1']],
    ['sep=; above the header', 'sep=;\nID;Name\nimg-1;a\nimg-2;b\n', []],
    ['missing and empty cells at the end', 'id,name,size\nimg-1,a,\nimg-2\n,,\n,,\n', []],
    ['a known name of more telling kind, with --column', 'id,cloudflare_image_id\n1,img-1\n2,img-2\n', ['--column', 'cloudflare_image_id']],
    ['a locale that is spelled like a name', 'id,locale\nimg-1,en\nimg-2,id\n', []],
    ['two delimiters, one of them said', 'id;name,id\nimg-1;a,x\nimg-2;b,y\n', ['--delimiter', ';']],
    ['a delimiter inside quotes', '"id";"name,id"\nimg-1;"a,x"\nimg-2;b\n', []],
    ['digits in the name of a column', 'id,sha256,md5\nimg-1,8f3a,00ff\nimg-2,77ab,1b\n', []],
    ['files with byte order marks joined by cat', '\ufeffid\nimg-1\n\ufeffimg-2\n', []],
    ['lines with byte order marks joined by cat', '\ufeffimg-1\r\n\ufeff\ufeffimg-2\r\n', []],
    ['NDJSON with byte order marks joined by cat', '\ufeff{"id":"img-1"}\n\ufeff{"id":"img-2"}\n', []],
    ['JSON with byte order marks joined by cat', '\ufeff["img-1"]\n\ufeff["img-2"]\n', []],
    [
      'a report cut to two fields',
      '{"id":"a","outcome":"protected"}\n{"id":"b","outcome":"deleted"}\n' +
        '{"id":"img-1","outcome":"failed"}\n{"id":"img-2","outcome":"planned"}\n',
      [],
    ],
    [
      'a report cut to two fields, as one array',
      '[{"outcome":"absent","id":"a"},{"id":"img-1","outcome":"failed","x":1},{"outcome":"rejected","id":"b"},{"id":"img-2"}]',
      [],
    ],
    ['a report cut to two columns', 'outcome,id\nprotected,a\nfailed,img-1\ndeleted,b\nplanned,img-2\nabsent,c\n', []],
    [
      "an outcome that is not ours, and another object's",
      '{"id":"img-1","outcome":"sold"}\n{"id":"img-2","x":{"outcome":"deleted"}}\n',
      [],
    ],
    [
      'two known fields, with --column',
      '{"id":1,"cloudflare_image_id":"img-1"}\n{"id":2,"cloudflare_image_id":"img-2"}\n',
      ['--column', 'cloudflare_image_id'],
    ],
  ])('%s', (_, text, options) =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', text);
      const result = await bench.delete(options);
      expect(sent(bench)).toEqual(['img-1', 'img-2']);
      expect(result.exitCode, result.stderr).toBe(0);
    }),
  );

  it.each([
    'ID,Name\nimg-1,a\nimg-2,b\n',
    'sep=;\nid;name\nimg-1;a\nimg-2;b\n',
    '["img-1","img-2"]',
    '# of May\nimg-1\n# of June\nimg-2\n',
  ])('from stdin: %j', (text) =>
    withPurge({}, async (bench) => {
      const result = await bench.startPipe([], text).finished;
      expect(sent(bench)).toEqual(['img-1', 'img-2']);
      expect(result.exitCode, result.stderr).toBe(0);
    }),
  );

  it('inches in .tsv are no quotes', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.tsv', 'id\tname\nimg-1\t27" monitor\nimg-2\t"x\n');
      const result = await bench.run(['delete', 'ids.tsv', '--yes', '--json', '--base-url', bench.simulator.url]);
      expect(sent(bench)).toEqual(['img-1', 'img-2']);
      expect(result.exitCode, result.stderr).toBe(0);
    }));

  it('a later object with two known fields is rejected, and names them', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', '{"id":"img-1"}\n{"id":"a","image_id":"b"}\n{"id":"img-2"}\n');
      expect((await bench.delete()).exitCode).toBe(1);
      expect(sent(bench)).toEqual(['img-1', 'img-2']);
      expect(bench.report()).toContainEqual(expect.objectContaining({ line: 2, reason: 'holds more than one ID field: id, image_id' }));
    }));

  it.each([
    ['NDJSON', '{"id":"img-1","meta":{"id":"x"}}\n{"id":"a","id":"b"}\n{"id":"c","\\u0069d":"d"}\n{"id":"img-2","x":"\\u0069"}\n'],
    ['JSON', '[{"id":"img-1","meta":{"id":"x"}},\n{"id":"a","id":"b"},\n{"id":"c","\\u0069d":"d"},\n{"id":"img-2","x":"id"}]'],
  ])('an object of %s that gives its ID twice is rejected', (_, text) =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', text);
      expect((await bench.delete()).exitCode).toBe(1);
      expect(sent(bench)).toEqual(['img-1', 'img-2']);
      const rejected = bench.report().filter(({ outcome }) => outcome === 'rejected');
      expect(rejected.map(({ reason, line }) => [reason, line])).toEqual([
        ['gives its field id more than once', 2],
        ['gives its field id more than once', 3],
      ]);
    }),
  );

  it('a repeated header is rejected, and not sent', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', 'id,name\nimg-1,a\nid,name\nimg-2,b\n');
      const result = await bench.delete();
      expect(result.exitCode).toBe(1);
      expect(sent(bench)).toEqual(['img-1', 'img-2']);
      expect(summaryOf(result).intake).toMatchObject({ rejected: 1 });
    }));
});

describe('a list in doubt, or none at all, is refused before anything is sent', () => {
  it.each<[string, string | Uint8Array, number, RegExp]>([
    ['two known names', 'id,cloudflare_image_id\n1,img-1\n', 2, /line 1: more than one column may hold the IDs.*--column NAME/s],
    [
      'two known fields in NDJSON',
      '\n{"id":1,"cloudflare_image_id":"img-1"}\n{"id":2}\n',
      2,
      /line 2: the first object holds more than one ID field: id, cloudflare_image_id; nothing was sent.*--column NAME/s,
    ],
    [
      'two known fields in JSON',
      '[\n  {"image_id": "a", "ID": "img-1"}\n]\n',
      2,
      /line 2: the first object holds more than one ID field: image_id, ID; nothing was sent.*--column NAME/s,
    ],
    ['a title above the header', 'Image export\n\nid,name\nimg-1,a\n', 2, /line 3: the columns are named here.*--skip-lines 2/s],
    ['#TYPE', '#TYPE X\n"id","name"\n"img-1","a"\n', 2, /line 2: the columns are named here.*--skip-lines 1/s],
    [
      'a word above UUIDs',
      `avatar\n${UUIDS.join('\n')}\n`,
      2,
      /line 1: whether it names the columns.*"avatar" stands above UUIDs alone.*--no-header/s,
    ],
    [
      'a number beside the known name, above numbers',
      '17,id\n18,a\n19,b\n',
      2,
      /line 1: whether it names the columns.*"17" is like those below/s,
    ],
    [
      'a locale in a list without names',
      'img-1,id,2020\nimg-2,en,x\nimg-3,de,2022\n',
      2,
      /line 1: whether it names the columns.*"img-1" is like/s,
    ],
    ['a locale beside names', 'hero,id\nlogo,en\n', 2, /line 1: whether it names the columns.*line 2 has two letters.*--no-header/s],
    ['a country beside files', 'hero.jpg,ID\nlogo.png,Indonesia\n', 2, /line 1: whether it names the columns.*"hero\.jpg" is like/s],
    ['a locale beside dates', '2020-05-01T00:00:00Z,x,id\n2020-05-02,y,sea\n', 2, /line 1: whether it names the columns/],
    ['two delimiters', 'id;name,id\nimg-1;a,img-2\n', 2, /line 1: parted by "," and by ";" alike it has a column of IDs.*--delimiter C/s],
    ['two delimiters, one of them a tab', 'id|a\tid\nimg-1|a\tx\n', 2, /parted by a tab and by "\|" alike/],
    ['a known name above a known name', 'id,x\nid,y\nb,z\n', 2, /whether it names the columns/],
    ['a web page', '<!DOCTYPE html>\n<html>\n', 2, /this is a web page \(HTML\) and no list of IDs.*grep -oE/s],
    ['a PDF document', '%PDF-1.7\n', 2, /this is a PDF document.*pdftotext -layout \S*ids\.csv ids\.txt/s],
    ['a drawn table', '+----+\n| id |\n+----+\n| a  |\n+----+\n', 2, /this is a table drawn with lines.*psql --csv/s],
    ['a Markdown table', '| id | n |\n|---|---|\n| a | b |\n', 2, /this is a Markdown table/],
    ['a failed program', 'ERROR 1045 (28000): Access denied\n', 2, /this is what a program wrote about an error/],
    ['a failed answer', '{"success":false,"errors":[{"code":10000}]}\n', 2, /this is an answer of the API that says what went wrong/],
    ['UTF-16 without a mark', Buffer.from('id\nimg-1\n', 'utf16le'), 2, /UTF-16 text without a byte order mark.*iconv -f UTF-16LE/s],
    ['UTF-16 without a mark, packed', gzipSync(Buffer.from('id\nimg-1\n', 'utf16le')), 2, /UTF-16 text without a byte order mark/],
    [
      'Windows-1252',
      Buffer.from('id\nimg-\u00e9\n', 'latin1'),
      5,
      /line 2: it is not valid UTF-8.*iconv -f WINDOWS-1252 -t UTF-8 \S*ids\.csv/s,
    ],
  ])('%s', (_, content, exitCode, told) =>
    withPurge({}, async (bench) => {
      writeFileSync(bench.path('ids.csv'), content);
      const result = await bench.delete();
      expect(result.stderr).toMatch(told);
      expect(result.exitCode).toBe(exitCode);
      expect(bench.deleteCount).toBe(0);
    }),
  );

  it('our own checkpoint as a source', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', ['img-1']);
      expect((await bench.delete()).exitCode).toBe(0);
      const result = await bench.run(['delete', 'ids.csv.checkpoint', '--yes', '--base-url', bench.simulator.url]);
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toMatch(/this is a checkpoint of images-purge.*images-purge report \S*ids\.csv\.checkpoint/s);
      expect(sent(bench)).toEqual(['img-1']);
    }));
});

describe('a list that is broken from a line on', () => {
  it.each<[string, string, RegExp]>([
    [
      'a header repeated in another order',
      'id,name\nimg-1,a\nname,id\nb,img-2\n',
      /line 3: the header is repeated here with its columns in another order/,
    ],
    [
      'a header repeated in another order and case',
      'id,name\nimg-1,a\nNAME, ID\nb,img-2\n',
      /line 3: the header is repeated here with its columns in another order/,
    ],
    [
      'a header repeated with a column less',
      'id,name,size\nimg-1,a,1\nname,id\nb,img-2\n',
      /line 3: the header is repeated here with its columns in another order/,
    ],
    [
      'a header with other names',
      'id,title\nimg-1,a\nname,Image ID\nb,img-2\n',
      /line 3: the header is repeated here with its columns in another order/,
    ],
    [
      'a header repeated with another delimiter',
      'id,name\nimg-1,a\n"name";"id"\nb;img-2\n',
      /line 3: (?:the header is repeated here with its columns parted by another character|text follows a closing quote)/,
    ],
    [
      'a header repeated with another delimiter, without quotes',
      'id,name\nimg-1,a\nid;name\nimg-2;b\n',
      /line 3: the header is repeated here with its columns parted by another character/,
    ],
    [
      'a quote that swallows rows',
      'id,note\nimg-1,"27 inch\nimg-2,x\nimg-3,y"\nimg-4,z\n',
      /line 2: a quoted field goes over several lines.*--quote none/s,
    ],
    ['an open quote', 'id,note\nimg-1,"27 inch\nimg-2,x\n', /line 2: a quote is opened and never closed.*--quote none/s],
    ['JSON that is cut off', '["img-1","img-', /byte \d+: its JSON ends in the middle \(the last ID before it is "img-1"\)/],
  ])('%s: exit 5, and nothing below is sent', (_, text, told) =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', text);
      const result = await bench.delete();
      expect(result.stderr).toMatch(told);
      expect(result.exitCode).toBe(5);
      for (const id of sent(bench)) expect(id).toBe('img-1');
    }),
  );

  it('is read with --quote none where quotes are inches, and goes on so', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', 'id,note\nimg-1,27" wide\nimg-2,"x\n');
      expect((await bench.delete()).exitCode).toBe(5);
      expect((await bench.delete(['--quote', 'none'])).exitCode).toBe(0);
      expect(sent(bench)).toEqual(['img-1', 'img-2']);
    }));

  it('a further file whose header has the ID elsewhere than --column N', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', 'name,id\na,img-1\n');
      bench.write('more.csv', 'id,name\nimg-2,b\n');
      const result = await bench.delete(['more.csv', '--column', '2']);
      expect(result.exitCode).toBe(5);
      expect(result.stderr).toContain('more.csv: its header names column 2 "name"');
      expect(bench.deleteCount).toBe(0);
    }));
});

describe('a file that is still being written', () => {
  it.each<[string, (path: string) => void]>([
    ['lines are added', (path) => appendFileSync(path, 'img-2\n')],
    ['it is cut', (path) => truncateSync(path, 3)],
    ['it is written again', (path) => utimesSync(path, 0, 0)],
  ])('%s while it is read: exit 5, and the same command goes on', (_, change) =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', 'id\nimg-1\n');
      execFileSync('mkfifo', [bench.path('more')]);
      const running = bench.startDelete(['more']);
      // Opened by the command: before, it has opened the file that stands before it.
      const more = await open(bench.path('more'), 'w');
      change(bench.path('ids.csv'));
      await more.writeFile('id\nimg-3\n');
      await more.close();
      const result = await running.finished;
      expect(result.stderr).toMatch(/ids\.csv was changed while it was read.*Wait until the program that writes it has ended/s);
      expect(result.exitCode).toBe(5);
      expect(sent(bench)).not.toContain('img-3');

      bench.write('ids.csv', 'id\nimg-1\nimg-2\n');
      expect((await bench.delete()).exitCode).toBe(0);
      expect(sent(bench)).toEqual(['img-1', 'img-2']);
    }),
  );

  it('an exclude file likewise: exit 2, nothing sent', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', ['img-1']);
      bench.writeIds(
        'keep.csv',
        Array.from({ length: 100_000 }, (_, index) => `keep-${index}`),
      );
      const result = await bench.delete(['--exclude', 'keep.csv'], {
        nodeArgs: ['--import', WRITES_ON],
        env: { WRITTEN_ON: bench.path('keep.csv') },
      });
      expect(result.stderr).toMatch(/exclude file keep\.csv cannot be used: keep\.csv was changed while it was read/);
      expect([result.exitCode, bench.deleteCount]).toEqual([2, 0]);
    }));
});

describe('a last row without a line end', () => {
  it('of stdin is taken with --accept-last-line alone', () =>
    withPurge({}, async (bench) => {
      const refused = await bench.startPipe([], 'shop/img-30\nshop/img-1').finished;
      expect([refused.exitCode, sent(bench)]).toEqual([1, ['shop/img-30']]);
      const taken = await bench.startPipe(['--accept-last-line'], 'a\nshop/img-1').finished;
      expect(taken.exitCode, taken.stderr).toBe(0);
      expect(sent(bench)).toContain('shop/img-1');
    }));

  it('of a file is taken with a warning, and under --strict nothing is sent', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', 'img-1\nimg-2');
      const strict = await bench.delete(['--strict']);
      expect(strict.stdout).toContain('"rejected":1');
      expect(bench.deleteCount).toBe(0);
      const taken = await bench.delete(['--drop-guards']);
      expect([taken.exitCode, sent(bench)]).toEqual([0, ['img-1', 'img-2']]);
      expect(taken.stderr).toContain('no line end');
    }));
});

it('a folder that was removed under the run is exit 5, with a sentence', () =>
  withPurge({}, async (bench) => {
    const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$1" delete ids.csv --yes';
    const { spawnSync } = await import('node:child_process');
    const { CLI_PATH } = await import('../../support/cli/cli.ts');
    const result = spawnSync('sh', ['-c', script, process.execPath, CLI_PATH], { cwd: bench.folder, encoding: 'utf8' });
    expect(result.stderr).toContain('the current folder is gone');
    expect(result.status).toBe(5);
  }));
