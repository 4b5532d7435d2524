import { Readable } from 'node:stream';

import * as fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';

import { openSource } from '../../src/read/open.ts';
import { BY_DETECTION, type FormOptions } from '../../src/read/source.ts';

const FORM: FormOptions = { ...BY_DETECTION, format: 'csv' };

interface Cell {
  readonly text: string;
  readonly isQuoted: boolean;
}

const cells = fc.record({
  text: fc.string({ unit: fc.constantFrom('a', 'é', '👍', ' ', ',', ';', '"', '\n', '\r\n', '%', '/'), minLength: 1, maxLength: 8 }),
  isQuoted: fc.boolean(),
});

function write({ text, isQuoted }: Cell, delimiter: string): string {
  return isQuoted || /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Cuts bytes into chunks, in the middle of characters too. */
function chunks(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, index) => bytes.subarray(start, at[index] ?? bytes.length)).filter((chunk) => chunk.length > 0);
}

async function read(parts: readonly Buffer[], delimiter: string): Promise<{ rows: [string, number][]; error: unknown }> {
  const rows: [string, number][] = [];
  try {
    const source = await openSource({ kind: 'stdin', stream: Readable.from(parts) }, { ...FORM, delimiter }, new AbortController().signal);
    for await (const batch of source.batches()) batch.values.forEach((value, index) => rows.push([value, batch.lines[index] ?? 0]));
    return { rows, error: undefined };
  } catch (error) {
    return { rows, error };
  }
}

describe('CSV', () => {
  it('comes back as it was written, with the line on which each row begins, however it is cut into chunks', async () => {
    const rows = fc.array(fc.tuple(cells, cells), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.nat(500), { maxLength: 6 }),
        async (table, delimiter, lineEnd, cuts) => {
          let text = `id${delimiter}note${lineEnd}`;
          let line = 2;
          const expected: [string, number][] = [];
          let brokenLine: number | undefined;
          for (const [id, note] of table) {
            const row = `${write(id, delimiter)}${delimiter}${write(note, delimiter)}`;
            const lines = row.split(/\r\n|\n/);
            // What an opened quote may have swallowed is no field.
            if (lines.length > 1 && lines.every((text) => text.split(delimiter).length === 2)) brokenLine ??= line;
            const isRow = `${id.text}${note.text}`.trim() !== '';
            if (isRow && brokenLine === undefined) expected.push([id.text, line]);
            text += `${row}${lineEnd}`;
            line += lines.length;
          }
          const { rows: got, error } = await read(chunks(Buffer.from(text), cuts), delimiter);
          if (brokenLine !== undefined)
            expect(error).toMatchObject({
              code: 'SOURCE_BROKEN',
              message: expect.stringContaining(`line ${brokenLine}: a quoted field`) as string,
            });
          else expect(error).toBeUndefined();
          expect(got).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never yields a row from a broken line on', async () => {
    const broken = fc.constantFrom('"open', 'mid"dle,x', '"after"x,y');
    const names = fc.array(fc.stringMatching(/^[a-z]{1,6}$/), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(names, broken, names, fc.array(fc.nat(200), { maxLength: 4 }), async (before, bad, after, cuts) => {
        const good = before.map((name) => `good-${name}`);
        const text = `id,note\n${good.map((id) => `${id},\n`).join('')}${bad}\n${after.map((name) => `late-${name},\n`).join('')}`;
        const { rows, error } = await read(chunks(Buffer.from(text), cuts), ',');
        expect(error).toMatchObject({ code: 'SOURCE_BROKEN', message: expect.stringContaining(`line ${good.length + 2}:`) as string });
        for (const [value] of rows) expect(good).toContain(value);
      }),
      { numRuns: 300 },
    );
  });

  it('cut at any byte, a pipe yields no ID that was not in it', async () => {
    const ids = ['alpha', 'beta-beta', 'γάμμα', '3f0c8a44-1a2b-4c3d-8e9f-a91e00112233'];
    const bytes = Buffer.from(`id\n${ids.join('\n')}\n`);
    for (let length = 4; length <= bytes.length; length++) {
      const { rows } = await read([bytes.subarray(0, length)], ',');
      for (const [value] of rows) expect(ids).toContain(value);
    }
  });
});
