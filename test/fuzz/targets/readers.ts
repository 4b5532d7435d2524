import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import * as fc from '../../support/fast-check.ts';

import { openSource } from '../../../src/read/open.ts';
import { BY_DETECTION, type FormOptions } from '../../../src/read/source.ts';
import { checkRefusal } from '../expect-user-error.ts';
import type { FuzzTarget } from '../target.ts';
import { texts } from '../texts.ts';

interface Reading {
  readonly rows: readonly (readonly [value: string, line: number])[];
  readonly rejected: readonly (readonly [raw: string, reason: string, line: number])[];
  readonly skippedCount: number;
  /** What stopped it: a code and its message. */
  readonly stoppedBy: string | undefined;
}

async function read(parts: readonly Buffer[], options: FormOptions): Promise<Reading> {
  const rows: [string, number][] = [];
  const rejected: [string, string, number][] = [];
  let skippedCount = 0;
  let stoppedBy: string | undefined;
  try {
    const source = await openSource({ kind: 'stdin', stream: Readable.from(parts) }, options, new AbortController().signal);
    try {
      for await (const batch of source.batches()) {
        batch.values.forEach((value, index) => rows.push([value, batch.lines[index] ?? 0]));
        for (const { raw, reason, line } of batch.rejected) rejected.push([raw, reason, line]);
        skippedCount += batch.skippedCount;
      }
    } finally {
      await source.close();
    }
  } catch (error) {
    // Broken structure is exit 5, an unclear column exit 2; nothing else may come of bytes.
    const { code, message } = checkRefusal(error, [2, 5]);
    stoppedBy = `${code}: ${message}`;
  }
  return { rows, rejected, skippedCount, stoppedBy };
}

/** Cuts bytes into chunks, in the middle of characters too. */
function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((position) => position % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, index) => bytes.subarray(start, at[index] ?? bytes.length)).filter((chunk) => chunk.length > 0);
}

/**
 * How bytes are cut into chunks changes nothing of what is read, nor whether it is refused. But of what is refused, more or fewer of
 * the good rows before the fault are taken, and of two faults either is told.
 */
function expectSame(one: Reading, other: Reading): void {
  if (other.stoppedBy === undefined) return assert.deepEqual(one, other);
  assert.notEqual(one.stoppedBy, undefined);
  const rowCount = Math.min(one.rows.length, other.rows.length);
  assert.deepEqual(one.rows.slice(0, rowCount), other.rows.slice(0, rowCount));
}

const rows = fc.array(
  fc.oneof(
    texts,
    fc.constantFrom(
      'id',
      'id,name',
      'name,"long\nnote",id',
      'x;"y\r\nz";image_id',
      '"open',
      ' ',
      '"a","b"',
      '"a""b"',
      'a,b',
      '{"id":"a"}',
      '{"image_id":"b","x":1}',
      '{"id":"c","outcome":"deleted","source":"s","line":1}',
      '{"id":1}',
      '[]',
      '# note',
      '',
    ),
  ),
  { maxLength: 10 },
);
const lineEnds = fc.constantFrom('\n', '\r\n', '\r');
const written = fc.oneof(
  fc
    .tuple(fc.constantFrom('', '\ufeff', '\n\n'), rows, lineEnds, fc.boolean())
    .map(([start, lines, end, isEnded]) => Buffer.from(start + lines.join(end) + (isEnded ? end : ''))),
  fc.tuple(rows, lineEnds).map(([lines, end]) => Buffer.from(`\ufeff${lines.join(end)}`, 'utf16le')),
  fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(rows, fc.uint8Array({ maxLength: 8 })).map(([lines, bytes]) => Buffer.concat([Buffer.from(lines.join('\n')), bytes])),
);
const forms: fc.Arbitrary<FormOptions> = fc.record({
  format: fc.constantFrom<FormOptions['format']>('auto', 'auto', 'csv', 'lines', 'ndjson'),
  column: fc.constantFrom(undefined, undefined, 'id', '1', '2', '0', '__proto__'),
  noHeader: fc.boolean(),
  delimiter: fc.constantFrom(undefined, undefined, ',', ';', '\t', '"'.replace('"', '|')),
  quote: fc.constantFrom(undefined, undefined, 'none', "'"),
  skipLines: fc.constantFrom(0, 0, 0, 1, 3),
  literal: fc.boolean(),
  takesReports: fc.boolean(),
  lastLine: fc.constantFrom<FormOptions['lastLine']>('by-source', 'by-source', 'accept', 'reject'),
});
const cuts = fc.array(fc.nat(400), { maxLength: 6 });

export const readerTargets: readonly FuzzTarget[] = [
  {
    name: 'readers',
    share: 0.1,
    property: fc.asyncProperty(written, forms, cuts, async (bytes, form, at) => {
      const whole = await read(bytes.length === 0 ? [] : [bytes], form);
      expectSame(await read(cut(bytes, at), form), whole);
      let before = 0;
      for (const [value, line] of whole.rows) {
        assert.ok(line >= before && line >= 1, `line ${line} after ${before}`);
        assert.ok(value.isWellFormed() || form.format === 'ndjson' || form.format === 'auto');
        before = line;
      }
    }),
  },
  {
    name: 'lines-by-the-book',
    share: 0.1,
    property: fc.asyncProperty(rows, lineEnds, cuts, async (lines, end, at) => {
      const text = lines.map((line) => `${line.toWellFormed()}${end}`).join('');
      const { rows: got, stoppedBy } = await read(cut(Buffer.from(text), at), { ...BY_DETECTION, format: 'lines' });
      const expected = text
        .replaceAll(/(^|[\r\n])\ufeff+/g, '$1')
        .split(/\r\n|\n|\r/)
        .flatMap((line, index) => (line.trim() === '' || line.startsWith('# ') ? [] : [[line, index + 1] as const]));
      assert.equal(stoppedBy, undefined);
      if (!/^(\ufffe|\ufeff)/.test(text)) assert.deepEqual(got, expected);
    }),
  },
  {
    name: 'compressed',
    share: 0.02,
    property: fc.asyncProperty(
      written,
      forms,
      fc.constantFrom(gzipSync, zstdCompressSync),
      cuts,
      fc.option(fc.tuple(fc.nat(), fc.nat(255)), { nil: undefined }),
      async (bytes, form, compress, at, damage) => {
        const middle = bytes.length >> 1;
        // Half of them in two members, as `cat a.gz b.gz` makes them.
        const packed =
          at.length % 2 === 0
            ? Buffer.from(compress(bytes))
            : Buffer.concat([compress(bytes.subarray(0, middle)), compress(bytes.subarray(middle))]);
        const plain = await read(bytes.length === 0 ? [] : [bytes], form);
        // What is compressed twice over is not looked into again.
        const isPackedItself =
          (bytes[0] === 0x1f && bytes[1] === 0x8b) || bytes.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]));
        if (damage === undefined) {
          const unpacked = await read(cut(packed, at), form);
          if (!isPackedItself) expectSame(unpacked, plain);
          return;
        }
        packed[4 + (damage[0] % (packed.length - 4))] = damage[1];
        await read(cut(packed, at), form);
      },
    ),
  },
];
