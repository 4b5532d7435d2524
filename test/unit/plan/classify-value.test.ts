import { describe, expect, it } from 'vitest';

import { parseImageId } from '../../../src/domain/image-id.ts';
import { NOISE } from '../../../src/plan/noise.ts';
import { readingsOf } from '../../../src/plan/readings.ts';
import { suspiciousKinds, VALUE_KINDS } from '../../../src/plan/suspicious-kinds.ts';
import { literalValue, classifyValue, type ClassifiedValue } from '../../../src/plan/classify-value.ts';
import * as fc from '../../support/fast-check.ts';

const kindsOf = (value: string): readonly string[] => {
  const found = classifyValue(value);
  if (found.kind !== 'id') throw new Error(`${value}: ${found.reason}`);
  return found.suspicious;
};
/** IDs as programs make them. */
const slugs = fc.stringMatching(/^[a-z][a-z0-9]{1,9}(?:[-_][a-z0-9]{1,6}){1,3}$/);
const values = fc.oneof(
  slugs,
  fc.uuid(),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(...Array.from('aZ09-_./ %2F()[]{}\'"`,;|\t:=#*?\\uE+é\u0301\u200b')), maxLength: 14 }),
);

describe('what a value of a list is', () => {
  it.each(VALUE_KINDS.flatMap(({ name, examples }) => examples.map((example) => [name, example])))('%s: %s', (name, example) => {
    expect(kindsOf(example)).toContain(name);
  });

  it.each(NOISE.flatMap(({ reason, examples }) => examples.map((example) => [reason, example])))('noise, %s: %s', (reason, example) => {
    expect(classifyValue(example)).toEqual({ kind: 'noise', reason });
    expect(classifyValue(`  ${example} `)).toEqual({ kind: 'noise', reason });
    expect(readingsOf(example)).toEqual({ kind: 'none', reason });
    expect(literalValue(example)).toEqual({ kind: 'id', id: example, suspicious: [] });
  });

  it.each([
    'img-1',
    'hero (1)',
    'hero [2]',
    'summer sale',
    'smith, john.jpg',
    '50%off',
    '100%',
    'a%2',
    '%zz',
    'shop/hero.jpg',
    'shop/2024.summer/img-1',
    'hero.jpg/2',
    'IMG_1234.JPG',
    'caf\u00e9',
    '1E5',
    '2.5',
    '20240101',
    'nullable',
    'none-of-these',
    'undefined-2',
    'rows',
    '-img-1',
    'public',
    String.raw`a\b`,
    'deadbeef-0000-4000-8000-000000000000',
    '\u{1F600}',
    '\u2764\ufe0f.jpg',
    '\u{1F468}\u200d\u{1F469}\u200d\u{1F467}',
  ])('%s is an ordinary ID', (value) => {
    expect(kindsOf(value)).toEqual([]);
  });

  it.each([
    ['  3 img-1', ['count-before']],
    ['"a%2Fb",', ['percent-encoded', 'mark-at-end']],
    ['- img-1  # logo', ['list-mark', 'remark-behind']],
    ['\u201cimg-1\u201d', ['mark-at-end']],
    ['hero)', ['mark-at-end']],
    ['\u2764\ufe0f\u200b', ['invisible-character']],
    ['www.example.com/img-1/public', ['url-without-scheme', 'variant-at-end']],
    [String.raw`\"img-1\"`, ['mark-at-end', 'json-escape']],
  ])('%s may be of several kinds', (value, kinds) => {
    expect(kindsOf(value)).toEqual(kinds);
  });

  it.each(['', '..', '/a', 'a/', 'https://example.com/x', 'variants/hero', 'a\u0000', 'x'.repeat(1_025)])(
    '%j cannot be sent, whatever is said of it',
    (value) => {
      expect(classifyValue(value).kind).toBe('unusable');
      expect(literalValue(value).kind).toBe('unusable');
    },
  );
});

describe('of any value', () => {
  it('exactly what could be sent is an ID or noise, and the ID is the value but for white space around it', () => {
    fc.assert(
      fc.property(values, (value) => {
        const found: ClassifiedValue = classifyValue(value);
        const parsed = parseImageId(value);
        expect(found.kind === 'unusable').toBe(parsed.kind === 'unusable');
        if (found.kind === 'id') expect(found.id).toBe(parsed.kind === 'id' ? parsed.id : undefined);
        expect(literalValue(value)).toEqual(parsed.kind === 'id' ? { ...parsed, suspicious: [] } : parsed);
      }),
    );
  });

  it('the short way for plain and tidy values finds what the whole table finds', () => {
    fc.assert(
      fc.property(values, (value) => {
        const parsed = parseImageId(value);
        fc.pre(parsed.kind === 'id');
        const { id } = parsed;
        expect(suspiciousKinds(id)).toEqual(VALUE_KINDS.filter(({ is }) => is(id)).map(({ name }) => name));
        expect(classifyValue(id).kind === 'noise').toBe(NOISE.some(({ is }) => is(id)));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each<[string, (id: string) => string]>([
    ['percent-encoded', (id) => `${id}%2F${id}`],
    ['mark-at-end', (id) => `'${id}'`],
    ['mark-at-end', (id) => `${id},`],
    ['mark-at-end', (id) => `[${id}`],
    ['json-escape', (id) => String.raw`${id}\/${id}`],
    ['invisible-character', (id) => `${id}\u200b`],
    ['invisible-character', (id) => `\ufeff${id}`],
    ['not-nfc', (id) => `${id}e\u0301`],
    ['list-mark', (id) => `\u2022 ${id}`],
    ['count-before', (id) => `   12 ${id}`],
    ['remark-behind', (id) => `${id} # remark`],
    ['url-without-scheme', (id) => `cdn.example.com/${id}`],
    ['variant-at-end', (id) => `${id}/public`],
  ])('an ID that is made %s is told', (name, make) => {
    fc.assert(
      fc.property(slugs, (id) => {
        expect(kindsOf(id)).toEqual([]);
        expect(kindsOf(make(id))).toContain(name);
      }),
    );
  });

  it('a UUID in capitals is told, and one in small letters is not', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(kindsOf(uuid)).toEqual([]);
        expect(kindsOf(uuid.toUpperCase())).toEqual(/[a-f]/.test(uuid) ? ['uuid-capitals'] : []);
      }),
    );
  });
});
