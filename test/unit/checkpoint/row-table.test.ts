import { describe, expect, it } from 'vitest';

import { hashOfKey, seededHash } from '../../../src/checkpoint/find/hash-of-key.ts';
import { RowTable } from '../../../src/checkpoint/find/row-table.ts';
import * as fc from '../../support/fast-check.ts';

/** Hashes of which many, or all, are alike. */
const HASHES: readonly (readonly [string, (key: number) => number])[] = [
  ['one hash for all', () => 0],
  ['the last hash of all', () => 0xffff_ffff],
  ['three hashes', (key) => key % 3],
  ['hashes of one segment', (key) => (key * 16) % 65_536],
  ['segments of one row', (key) => (key << 20) >>> 0],
];

describe('the table of rows', () => {
  it.each(HASHES)('finds each row that was added and no other, with %s', (_, hashOf) => {
    const key = fc.integer({ min: 1, max: 2_000 });
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 300 }), fc.array(key, { maxLength: 100 }), (added, others) => {
        const table = new RowTable();
        for (const row of added) table.add(hashOf(row), row);
        for (const row of [...added, ...others])
          expect(table.find(hashOf(row), (found) => found === row)).toBe(added.includes(row) ? row : undefined);
      }),
    );
  });

  it('asks about each row of a hash until it is told that it is the one', () => {
    const table = new RowTable();
    for (const row of [7, 8, 9]) table.add(42, row);
    const asked: number[] = [];
    expect(
      table.find(42, (row) => {
        asked.push(row);
        return row === 8;
      }),
    ).toBe(8);
    expect(asked).toEqual([7, 8]);
    expect(table.find(43 << 8, () => true)).toBeUndefined();
  });

  it('keeps numbers of 32 bits', () => {
    const table = new RowTable();
    for (const row of [1, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1]) {
      table.add(row, row);
      expect(table.find(row, (found) => found === row)).toBe(row);
    }
  });

  it('of 300,000 keys finds each, and asks the file in vain for one of a hundred at most', () => {
    const hashOf = seededHash();
    const table = new RowTable();
    const keyOf = (row: number): string => `image-${row}`;
    for (let row = 1; row <= 300_000; row++) table.add(hashOf(keyOf(row)), row);
    let inVain = 0;
    let missed = 0;
    const find = (key: string, wanted: number): number | undefined =>
      table.find(hashOf(key), (row) => {
        if (row !== wanted) inVain++;
        return row === wanted;
      });
    for (let row = 1; row <= 300_000; row++) if (find(keyOf(row), row) !== row) missed++;
    for (let row = 1; row <= 300_000; row++) if (find(`other-${row}`, 0) !== undefined) missed++;
    expect(missed).toBe(0);
    expect(inVain).toBeLessThan(6_000);
  });
});

describe('the hash of a key', () => {
  it('is another one with another seed, with another tail, and for bytes and texts of the same numbers', () => {
    const seed = { high: 1, low: 2 };
    const hashes = [
      hashOfKey('ab', seed),
      hashOfKey('ab', { high: 1, low: 3 }),
      hashOfKey('ab', { high: 2, low: 2 }),
      hashOfKey('ab', seed, 1),
      hashOfKey('ab\0', seed),
      hashOfKey('a', seed),
      hashOfKey('', seed),
      hashOfKey(new Uint8Array(), seed),
      hashOfKey(Uint8Array.of(0x61, 0, 0x62, 0), seed),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    for (const hash of hashes) expect(hash).toBe(hash >>> 0);
  });

  it('fills the segments evenly, also of keys that count up', () => {
    const counts = new Uint32Array(256);
    const hashOf = seededHash();
    const key = new Uint8Array(16);
    for (let number = 0; number < 256_000; number++) {
      new DataView(key.buffer).setUint32(12, number);
      const segment = hashOf(key) >>> 24;
      counts[segment] = (counts[segment] ?? 0) + 1;
    }
    // A thousand each; seven standard deviations.
    expect(Math.min(...counts)).toBeGreaterThan(780);
    expect(Math.max(...counts)).toBeLessThan(1_220);
  });
});
