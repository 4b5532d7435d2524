import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { UserError } from '../../../src/domain/errors.ts';

import { REFUSED_BYTES } from '../../../src/read/form/refused-bytes.ts';
import { REFUSED_TEXTS } from '../../../src/read/form/refused-text.ts';
import type { FormOptions } from '../../../src/read/source.ts';
import { withFolder } from '../../support/cli/cli.ts';
import { pipe, read } from '../../support/ledger/read.ts';

/** The beginning of a zip file whose first file has this name. */
const zip = (name: string): Buffer => {
  const header = Buffer.alloc(30);
  header.write('PK\u0003\u0004');
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, Buffer.from(`${name}img-1\nimg-2\n`)]);
};
const sqlite = (applicationId: string): Buffer => {
  const header = Buffer.alloc(512);
  header.write('SQLite format 3\0');
  header.write(applicationId, 68);
  return header;
};

const BYTES: readonly (readonly [string, Buffer, string])[] = [
  ['a spreadsheet (.xlsx or .ods)', zip('[Content_Types].xml'), 'soffice --headless --convert-to csv FILE'],
  ['a zip file', zip('ids.txt'), 'unzip FILE'],
  ['an empty zip file', Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)]), 'Make it again'],
  ['an old Excel file (.xls)', Buffer.from('d0cf11e0a1b11ae10000', 'hex'), 'soffice --headless --convert-to csv FILE'],
  ['a PDF document', Buffer.from('%PDF-1.7\n%\u00e2\u00e3\n'), 'pdftotext -layout FILE ids.txt'],
  ['a Parquet file', Buffer.from('PAR1\u0015\u0004\u0015'), `duckdb -csv -c 'SELECT id FROM '\\''FILE'\\''' > ids.csv`],
  ['a checkpoint of images-purge', sqlite('IPRG'), 'images-purge report FILE --format ndjson -o ids.ndjson'],
  ['an SQLite database', sqlite('\0\0\0\0'), "sqlite3 -csv -header FILE 'SELECT id FROM images' > ids.csv"],
  ['a PNG image', Buffer.from('89504e470d0a1a0a', 'hex'), 'Give a list of the IDs of images'],
  ['a JPEG image', Buffer.from('ffd8ffe000104a464946', 'hex'), 'Give a list of the IDs of images'],
  ['a GIF image', Buffer.from('GIF89a\u0001\u0000\u0001\u0000\u0000\u0000\u0000'), 'Give a list of the IDs of images'],
  ['a WebP image', Buffer.from('RIFF\u0010\u0000\u0000\u0000WEBPVP8 '), 'Give a list of the IDs of images'],
  ['an xz file', Buffer.from('fd377a585a000004', 'hex'), 'xz -dk FILE'],
  ['a bzip2 file', Buffer.from('BZh91AY&SY\u0001\u0002'), 'bzip2 -dk FILE'],
  ['a 7z file', Buffer.from('377abcaf271c0004', 'hex'), '7z x FILE'],
  ['UTF-16 text without a byte order mark', Buffer.from('id\nimg-1\n', 'utf16le'), 'iconv -f UTF-16LE -t UTF-8 FILE > ids.txt'],
];

const TEXTS: readonly (readonly [string, string, number])[] = [
  ['a web page (HTML)', '\n<!DOCTYPE html>\n<html><body>img-1</body></html>\n', 2],
  ['a web page (HTML)', '<html lang="en">\n', 1],
  ['an XML document', '<?xml version="1.0"?>\n<ListBucketResult><Key>img-1</Key></ListBucketResult>\n', 1],
  ['a table drawn with lines', '+-------+------+\n| id    | name |\n+-------+------+\n| img-1 | a    |\n+-------+------+\n', 1],
  ['a table drawn with lines', '+-------+\n| id    |\n+-------+\n| img-1 |\n', 1],
  ['a table drawn with lines', '┌───────┬──────┐\n│  id   │ name │\n', 1],
  ['a table drawn with lines', '  id   | name \n-------+------\n img-1 | a\n(1 row)\n', 2],
  ['a table drawn with lines', 'id     name\n-----  ----\nimg-1  a\n', 2],
  ['a Markdown table', '| id | name |\n|----|:----:|\n| img-1 | a |\n', 2],
  ['a Markdown table', 'id | name\n--- | ---\nimg-1 | a\n', 2],
  ['a table drawn with lines', '     id     │ name \n────────────┼──────\n img-1      │ a\n(1 row)\n', 2],
  ['a web page (HTML)', '<TR><TH>id</TH>\n<TH>name</TH>\n</TR>\n<TR><TD>img-1</TD>\n', 1],
  ['a web page (HTML)', '<table border="1">\n  <tr>\n', 1],
  ...[
    '*************************** 1. row ***************************\nid: img-1\n',
    '   id = img-1\n name = logo\n\n   id = img-2\n name = b\n',
    'id   : img-1\nname : logo\n\nid   : img-2\nname : b\n',
    '- id: img-1\n  name: logo\n- id: img-2\n  name: b\n',
  ].map((text) => ['rows written one below the other (mysql \\G, psql \\x, Format-List, YAML)', text, 1] as const),
  ...['\\begin{tabular}{l | l}\nimg-1 & a \\\\\n', '|====\n|img-1 |a\n', '.TS\ncenter;\n'].map(
    (text) => ['a table for a program that sets texts (LaTeX, AsciiDoc, troff)', text, 1] as const,
  ),
  ...[
    `INSERT INTO "table" VALUES('img-1','logo',12);\n`,
    'PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n',
    '-- MySQL dump 10.13  Distrib 8.0.36\n',
    'COPY public.images (id, name) FROM stdin;\nimg-1\ta\n',
  ].map((text) => ['a script of SQL, or a dump of a database', text, 1] as const),
  ['a script of SQL, or a dump of a database', '--\n-- PostgreSQL database dump\n--\n\n', 2],
  ['an HTTP answer with its headers', 'HTTP/2 200\r\ncontent-type: application/json\r\n\r\n{"result":{"images":[{"id":"img-1"}]}}\n', 1],
  ...[
    'ERROR 1045 (28000): Access denied for user',
    'mysql: [Warning] Using a password on the command line interface can be insecure.',
    'psql: error: connection to server failed',
    'ERROR:  relation "images" does not exist',
    'Error: near line 1: no such table: images',
    'bash: jq: command not found',
    'cat: ids.txt: No such file or directory',
    'curl: (6) Could not resolve host: api.cloudflare.com',
    'Traceback (most recent call last):',
  ].map((text) => ['what a program wrote about an error', `${text}\nimg-1\n`, 1] as const),
];

describe('what is plainly no list is exit 2, and says what it is and how to make a list of it', () => {
  it.each(BYTES)('%s, however it is cut', async (what, bytes, remedy) => {
    for (const chunks of [[bytes], Array.from(bytes, (byte) => Buffer.from([byte]))]) {
      await expect(read(pipe(...chunks))).rejects.toMatchObject({
        exitCode: 2,
        code: 'SOURCE_NO_LIST',
        message: `-, line 1: this is ${what} and no list of IDs; nothing was sent.`,
        nextSteps: [expect.stringContaining(remedy) as string],
      });
    }
  });

  it.each(TEXTS)('%s: %j', async (what, text, line) => {
    for (const chunks of [[text], Array.from(text)]) {
      await expect(read(pipe(...chunks))).rejects.toMatchObject({
        exitCode: 2,
        code: 'SOURCE_NO_LIST',
        message: `-, line ${line}: this is ${what} and no list of IDs; nothing was sent.`,
      });
    }
  });

  it('each kind has its case', () => {
    const kinds = [...REFUSED_BYTES, ...REFUSED_TEXTS].map(({ what }) => what);
    expect(new Set([...BYTES, ...TEXTS].map(([what]) => what))).toEqual(new Set(kinds));
  });

  it.each<[string, Partial<FormOptions>]>([
    ['{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}', {}],
    ['{\n  "success": false,\n  "errors": [\n    {"code": 10000}\n  ],\n  "result": null\n}\n', {}],
    ['{\n  "errors": [\n    {"code": 10000}\n  ]\n}\n', {}],
  ])('an answer of the API that failed: %j', async (text) => {
    const error = await read(pipe(text)).then(
      (result) => result.error,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ exitCode: 2, code: 'SOURCE_NO_LIST' });
  });

  it.each(['PAR1-foo\n', 'PK-1\n', '7z-1\n', 'BZh-1\n', 'GIF8\n', '%P\n', 'RIFFraff-001\n', 'SQLite\n', '<b>\n', 'a - b\n', 'x | y\n'])(
    'an ID that begins like one of them is an ID: %j',
    async (text) => {
      expect((await read(pipe(text))).rows.map(([id]) => id)).toEqual([text.trim()]);
    },
  );

  it('with --format lines what looks like a complaint or a table is IDs', async () => {
    expect((await read(pipe('mysql: photo\n--- ---\n'), { format: 'lines' })).rows).toHaveLength(2);
  });
});

describe('the command that is told', () => {
  const tables = [
    ...TEXTS.filter(([what, text]) => /table drawn|Markdown/.test(what) && text.includes('img-1')).map(([, text]) => text),
    '┌────────┬──────────┐\n│   id   │   name   │\n├────────┼──────────┤\n│ img-1  │ a, b (1) │\n└────────┴──────────┘\n',
    '| id    | n |\n+-------+---+\n| img-1 | a |\n+-------+---+\n1 row in set (0.00 sec)\n\n',
  ];

  it.each(tables)('makes a list of the table %j', async (text) =>
    withFolder(async (folder) => {
      const path = join(folder, "a table's");
      writeFileSync(path, text);
      const error = await read({ kind: 'file', path }).catch((thrown: unknown) => thrown as UserError);
      const command = /sed .*/.exec('nextSteps' in error ? (error.nextSteps[0] ?? '') : '')?.[0] ?? '';
      for (const locale of ['C.UTF-8', 'C']) {
        execFileSync('sh', ['-c', command], { cwd: folder, env: { ...process.env, LC_ALL: locale } });
        expect((await read({ kind: 'file', path: join(folder, 'ids.txt') })).rows.map(([id]) => id)).toEqual(['img-1']);
      }
    }),
  );

  it('takes a cell of several words whole', async () =>
    withFolder(async (folder) => {
      const path = join(folder, 'table');
      writeFileSync(path, '     id      | n \n-------------+---\n summer sale | a\n 3 rows.jpg  | b\n(2 rows)\n\n');
      const error = await read({ kind: 'file', path }).catch((thrown: unknown) => thrown as UserError);
      const command = /sed .*/.exec('nextSteps' in error ? (error.nextSteps[0] ?? '') : '')?.[0] ?? '';
      execFileSync('sh', ['-c', command], { cwd: folder });
      expect(readFileSync(join(folder, 'ids.txt'), 'utf8').trimEnd()).toBe('id\nsummer sale\n3 rows.jpg');
    }));
});

describe('text that is no UTF-8', () => {
  it('is exit 5 naming the line and iconv', async () => {
    await expect(
      read(pipe(Buffer.from('id\nimg-1\ncaf\u00e9\n', 'latin1'))).then(({ error }) => {
        throw error as Error;
      }),
    ).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('-, line 3: it is not valid UTF-8') as string,
      nextSteps: expect.arrayContaining([expect.stringContaining('iconv -f WINDOWS-1252 -t UTF-8 FILE > ids.txt') as string]) as string[],
    });
  });
});
