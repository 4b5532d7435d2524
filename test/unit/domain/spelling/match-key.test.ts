import { describe, expect, it } from 'vitest';

import { matchKey } from '../../../../src/domain/spelling/match-key.ts';
import * as fc from '../../../support/fast-check.ts';

const caseless = (a: string, b: string): boolean => new RegExp(`^\\u{${(a.codePointAt(0) ?? 0).toString(16)}}$`, 'iu').test(b);

describe('matchKey', () => {
  it.each([
    ['KEEP-1', 'keep-1'],
    ['shop%2Fhero.jpg', 'shop/hero.jpg'],
    ['shop%2fHero.jpg', 'shop/hero.jpg'],
    ['keep-1\u200b', 'keep-1'],
    ['\u202akeep-1\u202c', 'keep-1'],
    ['cafe\u0301.jpg', 'café.jpg'],
    ['caf%C3%A9.jpg', 'café.jpg'],
    ['caf%65%CC%81.jpg', 'café.jpg'],
    ['STRASSE', 'straße'],
    ['ΟΔΟΣ', 'οδος'],
    ['οδός', 'οδόσ'],
    ['\u{1e9e}', 'ss'],
    ['ﬀ', 'ff'],
    ['3F0C8A6E-0000-4000-8000-00000000ABCD', '3f0c8a6e-0000-4000-8000-00000000abcd'],
  ])('is one for %j and %j', (a, b) => {
    expect(matchKey(a)).toBe(matchKey(b));
  });

  it.each([
    ['50%off', '50off'],
    ['a%2', 'a'],
    ['a%252F', 'a/'],
    ['keep-1', 'keep-2'],
    ['ı', 'i'],
    ['%ff', '%fe'],
  ])('is not one for %j and %j', (a, b) => {
    expect(matchKey(a)).not.toBe(matchKey(b));
  });

  it('decodes once: an escaped percent sign stays an escape', () => {
    expect(matchKey('a%252Fb')).toBe('a%2fb');
  });

  it('leaves the key of text without percent signs as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const key = matchKey(text.replaceAll('%', ''));
        expect(matchKey(key)).toBe(key);
      }),
    );
  });

  it('is the same for two letters that differ in case alone, as Unicode folds them', () => {
    const differing: string[] = [];
    for (let code = 0; code <= 0x1_ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const letter = String.fromCodePoint(code);
      for (const other of new Set([letter.toLowerCase(), letter.toUpperCase()]))
        if (other !== letter && caseless(letter, other) && matchKey(letter) !== matchKey(other)) differing.push(`${letter} ${other}`);
    }
    expect(differing).toEqual([]);
  });

  it('of any spelling of an ID is that of the ID', () => {
    const spelling = fc.constantFrom<(id: string) => string>(
      (id) => id.toUpperCase(),
      (id) => encodeURIComponent(id),
      (id) => id.normalize('NFD'),
      (id) => id.normalize('NFC'),
      (id) => `\u200b${id}\u2060`,
      (id) => encodeURIComponent(id.normalize('NFD')).toLowerCase(),
    );
    const id = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => text.isWellFormed() && !text.includes('%') && !text.includes('ı'));
    fc.assert(
      fc.property(id, spelling, (text, spell) => {
        expect(matchKey(spell(text))).toBe(matchKey(text));
      }),
    );
  });
});
