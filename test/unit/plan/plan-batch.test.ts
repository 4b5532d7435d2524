import { describe, expect, it } from 'vitest';

import { planBatch } from '../../../src/plan/plan-batch.ts';

const HASH = 'Vi7wi5KSItxGFsWRG2Us6Q';
const VALUES = { isDeliveryUrls: false, isLiteral: false, shard: null };
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
    expect(planBatch(batch(value), { ...VALUES, isDeliveryUrls: true })).toMatchObject({
      ids: [],
      rejected: [{ reason: 'its ID begins or ends with white space' }],
    });
  });

  it('what is kept of a rejected row can be stored, and is the same whenever it is shown', () => {
    const { rejected } = planBatch(batch('a\ud800', `/${'\u{1F600}'.repeat(600)}`), VALUES);
    expect(rejected.map(({ raw }) => raw.isWellFormed())).toEqual([true, true]);
    expect(rejected.map(({ raw }) => Buffer.from(raw).toString())).toEqual(rejected.map(({ raw }) => raw));
  });
});
