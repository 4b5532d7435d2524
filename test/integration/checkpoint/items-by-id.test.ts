import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { DigestTaker } from '../../../src/checkpoint/digest/digest-taker.ts';
import { openDatabase } from '../../../src/checkpoint/file/database.ts';
import { inTransaction } from '../../../src/checkpoint/file/transaction.ts';
import { hashOfKey, type HashOf } from '../../../src/checkpoint/find/hash-of-key.ts';
import { ItemsById } from '../../../src/checkpoint/find/items-by-id.ts';
import { idToKey, keyToId } from '../../../src/checkpoint/format/id-key.ts';
import { itemSum, SOUNDNESS } from '../../../src/checkpoint/format/sound-item.ts';
import { readFacts } from '../../../src/checkpoint/read-facts.ts';
import * as fc from '../../support/fast-check.ts';
import { TestCheckpoint } from '../../support/ledger/checkpoint.ts';

const FIXTURES = fileURLToPath(new URL('../../../fixtures/checkpoints', import.meta.url));
const SEED = { high: 1, low: 2 };
/** Hashes of which many are alike: nothing may depend on them. */
const HASHES: readonly (readonly [string, HashOf | undefined])[] = [
  ['a hash as it is used', undefined],
  ['one hash for all', () => 7],
  ['two hashes', (key) => hashOfKey(key, SEED) & (1 << 25)],
];
const IDS = ['a', 'b', 'B', 'c/d', '3f0c8a44-1a2b-4c3d-8e9f-a91e00112233', '3F0C8A44-1A2B-4C3D-8E9F-A91E00112233'];

function itemsIn(db: DatabaseSync): string[] {
  return db
    .prepare('SELECT id FROM item ORDER BY seq')
    .all()
    .map(({ id }) => keyToId(id));
}

function expectSound(db: DatabaseSync): void {
  for (const { seq, id, sum } of db.prepare('SELECT seq, id, sum FROM item').all())
    expect(sum).toBe(itemSum(Number(seq), id as string | Uint8Array));
}

/** Taken from the sums of the reading, and by reading the items. */
function expectOneDigest(checkpoint: TestCheckpoint): void {
  const { db, intake } = checkpoint;
  const take = (taker: DigestTaker): unknown => {
    while (taker.addSome(3));
    const { digest, setSize } = readFacts(db);
    return { digest, setSize };
  };
  expect(intake.set).toBeDefined();
  expect(take(new DigestTaker(db, new ItemsById(db), intake.set))).toEqual(take(new DigestTaker(db, new ItemsById(db))));
}

describe.each(HASHES)('IDs of a list, found with %s', (_, hashOf) => {
  it('are accepted once each, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...IDS), { maxLength: 20 }), (ids) => {
        using checkpoint = new TestCheckpoint(hashOf);
        checkpoint.read(ids);
        expect(itemsIn(checkpoint.db)).toEqual([...new Set(ids)]);
        expect(readFacts(checkpoint.db).intake).toMatchObject({ accepted: new Set(ids).size, duplicates: ids.length - new Set(ids).size });
        expectSound(checkpoint.db);
        expectOneDigest(checkpoint);
      }),
      { numRuns: 15 },
    );
  });

  it('of a second reading are met again, by another process too', () => {
    const list = fc.array(fc.constantFrom(...IDS), { maxLength: 12 });
    fc.assert(
      fc.property(list, list, fc.nat(4), fc.boolean(), fc.constantFrom('deleted', 'failed'), (first, second, done, isKilled, outcome) => {
        using checkpoint = new TestCheckpoint(hashOf);
        checkpoint.read(first, { finish: false });
        const answered = checkpoint.take(done);
        checkpoint.record(answered, outcome);
        if (isKilled) checkpoint.reopen();
        checkpoint.read(second);
        const has = new Set([...answered.map(({ id }) => id as string), ...second]);
        expect(new Set(itemsIn(checkpoint.db))).toEqual(has);
        expect(itemsIn(checkpoint.db)).toHaveLength(has.size);
        const { intake } = readFacts(checkpoint.db);
        expect(intake.accepted).toBe(has.size);
        expectSound(checkpoint.db);
        expectOneDigest(checkpoint);
      }),
      { numRuns: 25 },
    );
  });

  it('of a transaction that failed are forgotten: their numbers are given again, and they are accepted afterwards', () => {
    using checkpoint = new TestCheckpoint(hashOf);
    checkpoint.read(['a', 'b'], { finish: false });
    const failing = (ids: readonly string[]): void =>
      inTransaction(checkpoint.db, () => {
        checkpoint.accept(ids);
        throw new Error('the disk is full');
      });
    expect(() => failing(['c/d', 'a', 'B'])).toThrow('the disk is full');
    inTransaction(checkpoint.db, () => checkpoint.accept(['B', 'c/d', 'b']));
    expect(itemsIn(checkpoint.db)).toEqual(['a', 'b', 'B', 'c/d']);
    expect(readFacts(checkpoint.db).intake).toMatchObject({ accepted: 4, duplicates: 1 });
    expectSound(checkpoint.db);
    // Which of the IDs are in the sum is not known any more.
    expect(checkpoint.intake.set).toBeUndefined();
  });

  it('that failed in an earlier reading, met in a transaction that fails, stay where they were', () => {
    using checkpoint = new TestCheckpoint(hashOf);
    checkpoint.read(['a', 'b', 'c/d'], { finish: false });
    checkpoint.record(checkpoint.take(1), 'failed');
    checkpoint.read([], { finish: false });
    expect(() =>
      inTransaction(checkpoint.db, () => {
        checkpoint.accept(['c/d', 'a', 'b']);
        throw new Error('the disk is full');
      }),
    ).toThrow('the disk is full');
    inTransaction(checkpoint.db, () => checkpoint.accept(['b', 'a', 'c/d', 'a']));
    expect(itemsIn(checkpoint.db)).toEqual(['b', 'a', 'c/d']);
    expectSound(checkpoint.db);
  });
});

describe('another connection to the checkpoint', () => {
  it('finds what was added since, and its IDs after they were given other numbers', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(['a', 'b'], { finish: false });
    const items = new ItemsById(checkpoint.db);
    items.use(checkpoint.db);
    expect([items.find('b'), items.find('c/d')]).toEqual([2, undefined]);
    checkpoint.read(['c/d', 'b']);
    const other = openDatabase(checkpoint.path);
    items.use(other);
    expect([items.find('c/d'), items.find('b'), items.find('a')]).toEqual([3, 4, undefined]);
    other.close();
  });
});

describe('an item of an older checkpoint, which has no sum', () => {
  it.each([1, 2, 3, 4])('of format %i is compared with the index of IDs, and not with all other items', (version) => {
    using checkpoint = new TestCheckpoint();
    const path = join(checkpoint.folder, 'old.checkpoint');
    copyFileSync(join(FIXTURES, `format-${version}.checkpoint`), path);
    const db = openDatabase(path);
    const plan = db.prepare(`EXPLAIN QUERY PLAN SELECT seq, ${SOUNDNESS} FROM item`).all();
    expect(plan.map(({ detail }) => detail)).toContainEqual(expect.stringMatching(/SEARCH twin USING (?:COVERING )?INDEX .*\(id=\?\)/));
    const items = new ItemsById(db);
    expect(items.find(idToKey('banner-1'))).toBe(8);
    const found = db.prepare('EXPLAIN QUERY PLAN SELECT 1 FROM item WHERE seq = ? AND +id = ?').all();
    expect(found.map(({ detail }) => detail)).toEqual(['SEARCH item USING INTEGER PRIMARY KEY (rowid=?)']);
    db.close();
  });
});
