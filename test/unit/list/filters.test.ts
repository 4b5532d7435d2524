import { describe, expect, it } from 'vitest';

import { apiConditions, isWanted, type ListFilters } from '../../../src/list/filters.ts';
import { parseListedImage } from '../../../src/list/image.ts';
import { parseMetaCondition } from '../../../src/list/meta-condition.ts';
import { detailsOf } from '../../../src/simulator/images/image-list.ts';
import { listFilters } from '../../../src/simulator/images/list-filters.ts';
import type { SimulatedImage } from '../../../src/simulator/simulator-options.ts';
import * as fc from '../../support/fast-check.ts';

const NONE: ListFilters = {
  uploadedBeforeMs: undefined,
  uploadedAfterMs: undefined,
  creator: undefined,
  meta: [],
  filename: undefined,
  id: undefined,
  prefix: undefined,
  requireSignedURLs: undefined,
};

const keys = fc.constantFrom('a', 'b', 'a.b', 'constructor', '__proto__');
const texts = fc.constantFrom('x', 'y', '5', '5.0', '05', '', ' ', 'true', 'false', '-1', '1e3', 'NaN', 'é', 'x|y');
const metaValues = fc.oneof(
  texts,
  fc.integer({ min: -2, max: 6 }),
  fc.boolean(),
  fc.constant(null),
  fc.dictionary(fc.constantFrom('b', 'c'), texts),
);
const images: fc.Arbitrary<SimulatedImage> = fc.record(
  { id: fc.constant('image'), creator: fc.constantFrom('ann', 'bob', ''), meta: fc.dictionary(fc.constantFrom('a', 'b'), metaValues) },
  { requiredKeys: ['id'] },
);
const conditions = fc
  .record({
    key: keys,
    operator: fc.constantFrom('eq', 'in', 'gt', 'gte', 'lt', 'lte'),
    type: fc.constantFrom('', ':string', ':number', ':boolean'),
    value: texts,
  })
  .map(({ key, operator, type, value }) => `${key}[${operator}${type}]=${value}`);

function parsed(text: string): ReturnType<typeof parseMetaCondition> | undefined {
  try {
    return parseMetaCondition(text, '--meta');
  } catch {
    return undefined; // A range of texts, and so on.
  }
}

describe('what is filtered here and what the API filters', () => {
  it('is the same, for each filter that the API is given', () => {
    let compared = 0;
    fc.assert(
      fc.property(images, fc.array(conditions, { maxLength: 3 }), fc.constantFrom(undefined, 'ann', ''), (image, given, creator) => {
        const meta = given.map(parsed).filter((condition) => condition !== undefined);
        // One that is not given to the API is applied here alone.
        const sendable = meta.filter((condition) => apiConditions({ ...NONE, meta: [condition] }).length > 0);
        const filters: ListFilters = { ...NONE, creator, meta: sendable };
        const query = new URLSearchParams(apiConditions(filters).map(([name, value]): [string, string] => [name, value]));
        const ofApi = listFilters(query);
        if (typeof ofApi === 'string') throw new Error(ofApi);
        const listed = parseListedImage(JSON.parse(JSON.stringify(detailsOf(image))));
        if (listed === undefined) throw new Error('the image has no ID');
        compared += ofApi.length;
        expect(isWanted(listed, filters)).toBe(ofApi.every((filter) => filter(image)));
      }),
      { numRuns: 2_000, examples: [[{ id: 'image', meta: { a: 0 } }, ['a[eq]='], undefined]] },
    );
    expect(compared).toBeGreaterThan(1_000);
  });

  it('an image without a time of upload is older than nothing and newer than nothing', () => {
    for (const uploaded of [undefined, null, '', 'yesterday', '2026-02-30T00:00:00Z', '2026-01-01', 5]) {
      const image = parseListedImage({ id: 'a', uploaded });
      if (image === undefined) throw new Error('no image');
      expect(isWanted(image, NONE)).toBe(true);
      expect(isWanted(image, { ...NONE, uploadedBeforeMs: Infinity })).toBe(false);
      expect(isWanted(image, { ...NONE, uploadedAfterMs: -Infinity })).toBe(false);
    }
  });

  it('a time is earlier than a bound, or it is that time or later', () => {
    const atMs = Date.UTC(2026, 0, 1);
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 5 }), (difference) => {
        const image = parseListedImage({ id: 'a', uploaded: new Date(atMs + difference).toISOString() });
        if (image === undefined) throw new Error('no image');
        expect(isWanted(image, { ...NONE, uploadedBeforeMs: atMs })).toBe(difference < 0);
        expect(isWanted(image, { ...NONE, uploadedAfterMs: atMs })).toBe(difference >= 0);
      }),
    );
  });

  it('a flag that the API does not tell is neither set nor unset', () => {
    const image = parseListedImage({ id: 'a' });
    if (image === undefined) throw new Error('no image');
    for (const requireSignedURLs of [true, false]) expect(isWanted(image, { ...NONE, requireSignedURLs })).toBe(false);
  });
});

describe('an image as the API tells it', () => {
  it.each([undefined, null, 'a', 5, [], {}, { id: 5 }, { id: '' }])('%j is none', (entry) =>
    expect(parseListedImage(entry)).toBeUndefined(),
  );

  it('what is of another type than it should be counts as not told', () => {
    expect(
      parseListedImage({ id: 'a', filename: 1, creator: {}, meta: [], requireSignedURLs: 'yes', variants: ['v', 1], draft: true }),
    ).toEqual({
      id: 'a',
      filename: undefined,
      uploaded: undefined,
      uploadedMs: undefined,
      creator: undefined,
      meta: {},
      requireSignedURLs: undefined,
      variants: ['v'],
    });
  });

  it.each<[text: string, iso: string | undefined]>([
    ['2026-01-31T08:00:00Z', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31t08:00:00.123456789z', '2026-01-31T08:00:00.123Z'],
    ['2026-01-31 08:00:00+01:30', '2026-01-31T06:30:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2026-02-29T00:00:00Z', undefined],
    ['2026-13-01T00:00:00Z', undefined],
    ['2026-01-31T08:00:00', undefined],
    ['31 Jan 2026 08:00:00 GMT', undefined],
  ])('%s is %s', (uploaded, iso) => {
    const ms = parseListedImage({ id: 'a', uploaded })?.uploadedMs;
    expect(ms === undefined ? undefined : new Date(ms).toISOString()).toBe(iso);
  });
});
