import { describe, expect, it } from 'vitest';

import { inTransaction } from '../../../src/checkpoint/file/transaction.ts';
import { ItemsById } from '../../../src/checkpoint/find/items-by-id.ts';
import { prepareSuspicious } from '../../../src/checkpoint/intake/suspicious.ts';
import { readFacts } from '../../../src/checkpoint/read-facts.ts';
import { imageId, TestCheckpoint } from '../../support/ledger/checkpoint.ts';

const UUID = '0f9b4c1d-2a3b-4c5d-8e6f-0123456789ab';
const countOf = (checkpoint: TestCheckpoint, kind: string): number =>
  readFacts(checkpoint.db).suspicious.find((found) => found.kind === kind)?.count ?? 0;

describe('IDs of a list that differ only in case or encoding', () => {
  it.each<[readonly string[], number]>([
    [['hero', 'Hero'], 1],
    [['Hero', 'hero'], 1],
    [['Hero', 'HERO'], 1],
    [['Hero', 'hero', 'HERO'], 2],
    [['shop/hero', 'shop%2Fhero', 'shop%2fHERO'], 2],
    [['caf\u00e9', 'cafe\u0301', 'img\u200b'], 1],
    [[UUID, UUID.toUpperCase()], 1],
    [['Hero', 'Hero', 'Other', 'plain'], 0],
  ])('%j: %i besides the first', (ids, count) => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(ids);
    expect(countOf(checkpoint, 'near-duplicate')).toBe(count);
    expect(countOf(checkpoint, 'not-compared')).toBe(0);
  });

  it('are those of the last reading, whatever an earlier one has met', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(['Hero', 'HERO', 'A', 'B'], { finish: false });
    checkpoint.read(['hero', 'Hero']);
    expect(readFacts(checkpoint.db).suspicious).toEqual([
      { kind: 'near-duplicate', count: 1, example: 'Hero', source: 'ids.csv', line: 2 },
    ]);
  });

  it('are not compared beyond a bound, and it is told how many', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read([]);
    const counter = prepareSuspicious(checkpoint.db, new ItemsById(checkpoint.db), 2);
    inTransaction(checkpoint.db, () => {
      counter.beginBatch([], 0);
      ['A1', 'B1', 'C1', 'a%31', 'D1', 'plain'].forEach((id, index) => counter.note(imageId(id), index + 1));
      counter.endBatch();
      counter.finish();
    });
    expect(readFacts(checkpoint.db).suspicious).toEqual([
      { kind: 'not-compared', count: 2, example: 'C1', source: 'ids.csv', line: 3 },
      { kind: 'near-duplicate', count: 1, example: 'a%31', source: 'ids.csv', line: 4 },
    ]);
  });
});
