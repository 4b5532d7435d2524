import assert from 'node:assert/strict';
import { Readable } from 'node:stream';

import * as fc from '../../support/fast-check.ts';

import { parseImageId } from '../../../src/domain/image-id.ts';
import { isKnownColumn } from '../../../src/read/form/column-names.ts';
import { openSource } from '../../../src/read/open.ts';
import { BY_DETECTION } from '../../../src/read/source.ts';
import type { FuzzTarget } from '../target.ts';
import { wrappings } from '../texts.ts';

type Form = (ids: readonly string[]) => string;

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
/** As programs write CSV: quoted where it must be. */
const cell = (text: string, delimiter: string): string => (text.includes(delimiter) || /["\r\n]/.test(text) ? quoted(text) : text);
const csv =
  (delimiter: string, header: string, write: (text: string, delimiter: string) => string): Form =>
  (ids) =>
    [
      ['n', header].join(delimiter),
      ...ids.map((id, index) => [write(`name ${index}`, delimiter), write(id, delimiter)].join(delimiter)),
      '',
    ].join('\n');
const objects = (ids: readonly string[]): readonly object[] => ids.map((id) => ({ filename: 'x', id, meta: { id: 'inner' } }));

/** Every form in which IDs have one reading, whatever they are. */
const EXACT_FORMS: readonly Form[] = [
  ...[',', ';', '\t', '|'].flatMap((delimiter) => [csv(delimiter, 'id', cell), csv(delimiter, 'CF-Image ID', quoted)]),
  (ids) => ['id', ...ids.map(quoted), ''].join('\n'),
  (ids) => `sep=;\r\nid;n\r\n${ids.map((id) => `${cell(id, ';')};x\r\n`).join('')}`,
  (ids) => JSON.stringify(ids),
  (ids) => JSON.stringify(ids, null, 2),
  (ids) => JSON.stringify(objects(ids)),
  (ids) => JSON.stringify({ result: { images: objects(ids) }, success: true, errors: [] }),
  (ids) => JSON.stringify({ success: true, result: { images: objects(ids) } }, null, 1),
  (ids) => ids.map((id) => `${JSON.stringify({ image_id: id })}\n`).join(''),
  (ids) => ids.map((id) => JSON.stringify({ result: { images: [{ id }] } })).join('\n'),
];

/** Below `id`, it may be that `id` is the Indonesian language: such a list is in doubt, and refused. */
const LOCALE = /^[a-z]{2}(?:[-_][a-z]{2,4})?$/i;

const ids = fc.uniqueArray(
  fc
    .oneof(
      fc.uuid(),
      fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ019-_./ %()[]{}\'"`,;|\t:=#*?é👍\u200b')), minLength: 1, maxLength: 12 }),
    )
    .filter((text) => text.trim() === text && parseImageId(text).kind === 'id')
    .filter((text) => !text.split(/[,;|\t]/).some((part) => isKnownColumn(part) || LOCALE.test(part.trim()))),
  { minLength: 1, maxLength: 15 },
);

async function read(bytes: Buffer): Promise<ReadonlySet<string>> {
  const values = new Set<string>();
  const source = await openSource({ kind: 'stdin', stream: Readable.from([bytes]) }, BY_DETECTION, new AbortController().signal);
  try {
    for await (const batch of source.batches()) {
      assert.deepEqual(batch.rejected, []);
      for (const value of batch.values) values.add(value.trim());
    }
  } finally {
    await source.close();
  }
  return values;
}

export const listFormTargets: readonly FuzzTarget[] = [
  {
    name: 'list-forms',
    share: 0.1,
    property: fc.asyncProperty(ids, fc.constantFrom(...EXACT_FORMS), wrappings, async (list, form, wrap) => {
      // All of them and nothing else; none of these forms leaves anything in doubt.
      assert.deepEqual(await read(wrap(form(list))), new Set(list));
    }),
  },
];
