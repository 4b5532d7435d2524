import { describe, expect, it } from 'vitest';

import { createDeliveryUrlReaders } from '../../../src/plan/delivery-values.ts';
import { planBatch } from '../../../src/plan/plan-batch.ts';

const HASH = 'Vi7wi5KSItxGFsWRG2Us6Q';
const VALUES = { deliveryUrls: undefined, isLiteral: false, shard: null };
const batch = (...values: string[]): Parameters<typeof planBatch>[0] => ({
  values,
  lines: values.map((_, index) => index + 1),
  rejected: [],
  skippedCount: 0,
});

describe('rows as IDs', () => {
  it('white space around a value is trimmed, and nothing else of it changed', () => {
    expect(planBatch(batch(' a b ', '\u00a0c\u2003', 'd\u200b'), VALUES).ids).toEqual(['a b', 'c', 'd\u200b']);
  });

  it('a megabyte of white space inside a value is taken as it is', () => {
    const value = `x${' '.repeat(1_000_000)}y`;
    expect(planBatch(batch(value), VALUES).rejected).toMatchObject([{ reason: 'longer than 1024 characters', line: 1 }]);
  });

  it.each(['%20abc', 'abc%0A', '%C2%A0abc', '%20', 'abc%09'])('a delivery URL of %s names an image that no trimmed ID is', (spelled) => {
    const value = ` https://imagedelivery.net/${HASH}/${spelled}/public `;
    expect(planBatch(batch(value), { ...VALUES, deliveryUrls: createDeliveryUrlReaders()('ids.csv') })).toMatchObject({
      ids: [],
      rejected: [{ reason: 'its ID begins or ends with white space' }],
    });
  });

  describe('of delivery URLs', () => {
    const UUID = '3f0c8a44-1a2b-4c3d-8e9f-a91e00112233';
    const urlBatch = (...paths: string[]): ReturnType<typeof planBatch> =>
      planBatch(batch(...paths.map((path) => `https://imagedelivery.net/${path}`)), {
        ...VALUES,
        deliveryUrls: createDeliveryUrlReaders()('ids.csv'),
      });

    it.each([
      `${HASH}/shop/hero.jpg`,
      `${HASH}/shop/${UUID}`,
      `${HASH}/shop/1234567`,
      `${HASH}/shop/hero%20x`,
      `${HASH}/shop/${'x'.repeat(100)}`,
    ])('whether the last part of %s is a variant cannot be told: it is rejected', (path) => {
      const { ids, rejected } = urlBatch(path);
      expect([ids, rejected.map(({ reason }) => reason)]).toEqual([[], ['whether the last part of this URL is a variant cannot be told']]);
    });

    it.each([
      [`${HASH}/shop/hero.jpg/public`, 'shop/hero.jpg'],
      [`${HASH}/a/w=200,dpr=1.5`, 'a'],
      [`${HASH}/${UUID}/hero`, UUID],
    ])('the last part of %s is one', (path, id) => {
      expect(urlBatch(path)).toMatchObject({ ids: [id], suspicious: [] });
    });

    it('a last part that only may be one is worth a look', () => {
      expect(urlBatch(`${HASH}/shop/hero`, `${HASH}/a/1024`).suspicious).toEqual([
        { id: 'shop', line: 1, kinds: ['unknown-variant'], examples: { 'unknown-variant': 'shop/hero' } },
        { id: 'a', line: 2, kinds: ['unknown-variant'], examples: { 'unknown-variant': 'a/1024' } },
      ]);
    });

    it('another account hash than the first one is worth a look, whatever is odd beside it', () => {
      const other = HASH.toLowerCase();
      expect(urlBatch(`${HASH}/a/public`, `${other}/b%2541/public`, `${HASH}/c/public`).suspicious).toEqual([
        {
          id: 'b%41',
          line: 2,
          kinds: ['percent-encoded', 'other-account'],
          examples: { 'other-account': `${other}, where ids.csv line 1 has ${HASH}` },
        },
      ]);
    });
  });

  it('what is kept of a rejected row can be stored, and is the same whenever it is shown', () => {
    const { rejected } = planBatch(batch('a\ud800', `/${'\u{1F600}'.repeat(600)}`), VALUES);
    expect(rejected.map(({ raw }) => raw.isWellFormed())).toEqual([true, true]);
    expect(rejected.map(({ raw }) => Buffer.from(raw).toString())).toEqual(rejected.map(({ raw }) => raw));
  });
});
