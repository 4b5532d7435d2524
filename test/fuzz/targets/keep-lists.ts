import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from '../../support/fast-check.ts';

import type { ProtectedBatch } from '../../../src/checkpoint/protect/protected-batch.ts';
import { parseImageId } from '../../../src/domain/image-id.ts';
import { matchKey } from '../../../src/domain/spelling/match-key.ts';
import { readProtectLists } from '../../../src/intake/protect-list.ts';
import type { Observer } from '../../../src/observe/events.ts';
import { noiseOf } from '../../../src/plan/noise.ts';
import { checkRefusal } from '../expect-user-error.ts';
import type { FuzzTarget } from '../target.ts';
import { wrappings } from '../texts.ts';

/** A file that protects, as a person or a program would write it. */
type KeepForm = (ids: readonly string[]) => string;

const HASH = 'Abcdefghij0123456789_-';
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const each =
  (write: (id: string, index: number) => string, end = '\n'): KeepForm =>
  (ids) =>
    ids.map((id, index) => write(id, index) + end).join('');
const csv = (delimiter: string, header: string): KeepForm => {
  const row = (cells: readonly string[]): string => cells.map(quoted).join(delimiter);
  return (ids) => [row(['n', header, 'note']), ...ids.map((id, index) => row([String(index), id, 'a; b, c'])), ''].join('\n');
};
const table = (ids: readonly string[], edge: string, rule: string): string =>
  [`${edge} id ${edge} n ${edge}`, rule, ...ids.map((id) => `${edge} ${id} ${edge} x ${edge}`), ''].join('\n');

/** One ID a row, whatever stands around it: a person's. */
const ROWS: readonly KeepForm[] = [
  each((id) => id),
  each((id) => id, '\r\n'),
  each((id) => id, '\r'),
  (ids) => ids.join('\n'),
  (ids) => ids.map((id) => `\ufeff${id}`).join('\n'),
  each((id) => `# a remark above\n${id}`),
  each((id) => `  ${id}\t`),
  each((id) => `'${id}',`),
  each((id) => `${quoted(id)},`),
  each((id) => `\u201c${id}\u201d`),
  each((id) => `- ${id}`),
  each((id) => `* ${id}`),
  each((id, index) => `${index + 1}. ${id}`),
  each((id, index) => `${index + 1}) ${id}`),
  each((id) => `- [x] ${id}`),
  each((id, index) => `${String(index * 7).padStart(7)} ${id}`),
  each((id, index) => `${String(index + 1).padStart(6)}\t${id}`),
  each((id) => `${id}   # home page`),
  each((id) => `${id}\thome page`),
  each((id) => `${id},home page`),
  each((id) => `${id};logo;17`),
  each((id) => `${id},`),
  each((id) => `${id}\u200b`),
  each((id) => id.normalize('NFD')),
  each((id) => id.toUpperCase()),
  each((id) => encodeURIComponent(id)),
  each((id) => `${id}/public`),
  each((id) => `https://imagedelivery.net/${HASH}/${encodeURIComponent(id)}/public`),
  each((id) => `imagedelivery.net/${HASH}/${encodeURIComponent(id)}/w=200,fit=cover`),
  each((id) => `https://example.com/cdn-cgi/imagedelivery/${HASH}/${encodeURIComponent(id)}/public`),
  each((id) => JSON.stringify(id)),
  each((id) => JSON.stringify({ id })),
  each((id) => JSON.stringify({ n: 1, image_id: id, meta: { id: 'inner' } })),
  each((id) => `INSERT INTO images VALUES('${id}','x');`),
  each((id) => `   id = ${id}\n name = x\n`),
  (ids) => ['id', ...ids.map((id) => (/[",;|\t]/.test(id) ? quoted(id) : id)), ''].join('\n'),
  (ids) => `const keep = [\n${ids.map((id) => `  '${id}',\n`).join('')}];\n`,
  (ids) => table(ids, '|', '|----|---|'),
  (ids) => table(ids, '│', '├────┼───┤'),
  (ids) => `<table>\n${ids.map((id) => `<tr><td>${id}</td></tr>\n`).join('')}</table>\n`,
];
/** As programs write them, whatever the file is called. */
const DOCUMENTS: readonly KeepForm[] = [
  (ids) => ['id', ...ids.map(quoted), ''].join('\n'),
  (ids) => `sep=;\r\nID;Name\r\n${ids.map((id) => `${quoted(id)};x\r\n`).join('')}`,
  (ids) => ids.map((id) => `${quoted(id)},x\n`).join(''),
  ...[',', ';', '\t', '|'].flatMap((delimiter) => [csv(delimiter, 'id'), csv(delimiter, 'CF Image-ID'), csv(delimiter, 'picture')]),
  (ids) => JSON.stringify(ids),
  (ids) => JSON.stringify(ids, null, 2),
  (ids) => JSON.stringify(ids.map((id) => ({ id, n: 1 }))),
  (ids) => JSON.stringify({ result: { images: ids.map((id) => ({ id })) }, success: true, errors: [] }, null, 1),
  (ids) => JSON.stringify({ ids }),
  (ids) => JSON.stringify(ids).slice(0, -1),
];
/** Several IDs in one row: which of the separators are IDs' own cannot be told, so there are few of them in these IDs. */
const JOINED: readonly KeepForm[] = [
  (ids) => `${ids.join(', ')}\n`,
  (ids) => `${ids.join(',')}\n`,
  (ids) => `${ids.join(';')}\n`,
  (ids) => `${ids.join(' ')}\n`,
  (ids) => `${ids.join('\t')}\n`,
  (ids) => `KEEP=${ids.join(',')}\n`,
  (ids) => `[${ids.join(' ')}]\n`,
  (ids) => `('${ids.join("', '")}')\n`,
  (ids) => ids.join('\ufeff'),
];

/** What is noise in every list is sent from none. */
const isId = (text: string): boolean => text.trim() === text && parseImageId(text).kind === 'id' && noiseOf(text) === undefined;
/** A line that begins so is a comment; a row with more separators has more readings than are looked at. */
const isReadable = (text: string): boolean => !text.startsWith('# ') && text.split(/[,;|]/).length <= 3;
const odd = fc.string({
  unit: fc.constantFrom(...Array.from('abcXYZ019-_./ %()[]{}\'"`,;|:=#*?+&<>\\éß👍İ')),
  minLength: 1,
  maxLength: 14,
});
const ids = fc.uniqueArray(
  fc.oneof(fc.uuid(), odd, fc.constantFrom('hero (1)', 'smith, john.jpg', '50%off', '1/public')).filter((id) => isId(id) && isReadable(id)),
  {
    minLength: 1,
    maxLength: 8,
  },
);
const simpleIds = fc.uniqueArray(
  fc.oneof(
    fc.uuid(),
    fc.stringMatching(/^[a-zA-Z0-9%][a-zA-Z0-9%_./-]{0,8}(?:(?:, | )[a-z0-9]{1,6})?$/).filter((id) => isId(id)),
  ),
  { minLength: 1, maxLength: 8 },
);
const anyName = fc.constantFrom('keep.txt', 'keep.csv', 'keep.tsv', 'keep.json', 'keep');
/** As a row of CSV, `a,` is an `a` and an empty cell. */
const textName = fc.constantFrom('keep.txt', 'keep.md', 'keep');

const observer: Observer = { event: () => undefined };
const folder = mkdtempSync(join(tmpdir(), 'images-purge-fuzz-keep-'));

/** The keys of all that the file protects; `undefined` where the command refuses it. */
async function protectedKeys(name: string, bytes: Buffer): Promise<ReadonlySet<string> | undefined> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const keys = new Set<string>();
  const stage = ({ ids: staged }: ProtectedBatch): Promise<void> => {
    for (const id of staged) keys.add(matchKey(id));
    return Promise.resolve();
  };
  const options = { excludePaths: [path], excludeColumn: undefined, excludeLiteral: false, allowEmptyExclude: false };
  try {
    await readProtectLists(options, {
      stage,
      called: 'exclude file',
      observer,
      halt: new AbortController().signal,
    });
    return keys;
  } catch (error) {
    checkRefusal(error, [2]);
    return undefined;
  }
}

async function protectsAllOrRefuses(list: readonly string[], name: string, bytes: Buffer): Promise<void> {
  const keys = await protectedKeys(name, bytes);
  if (keys !== undefined) for (const id of list) assert.ok(keys.has(matchKey(id)), `${JSON.stringify(id)} is not protected`);
}

export const keepListTargets: readonly FuzzTarget[] = [
  {
    name: 'keep-lists',
    share: 0.1,
    property: fc.asyncProperty(ids, fc.constantFrom(...ROWS), wrappings, textName, async (list, form, wrap, name) => {
      await protectsAllOrRefuses(list, name, wrap(form(list)));
    }),
  },
  {
    name: 'keep-lists-of-programs',
    share: 0.05,
    property: fc.asyncProperty(ids, fc.constantFrom(...DOCUMENTS), wrappings, anyName, async (list, form, wrap, name) => {
      const text = form(list);
      // Without a tab it is nobody's .tsv, in which quotes enclose nothing.
      await protectsAllOrRefuses(list, text.includes('\t') ? name : name.replace('.tsv', '.txt'), wrap(text));
    }),
  },
  {
    name: 'keep-lists-joined',
    share: 0.1,
    property: fc.asyncProperty(simpleIds, fc.constantFrom(...JOINED), textName, async (list, form, name) => {
      await protectsAllOrRefuses(list, name, Buffer.from(form(list)));
    }),
    close: () => rmSync(folder, { recursive: true, force: true }),
  },
];
