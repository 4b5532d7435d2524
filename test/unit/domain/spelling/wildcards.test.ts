import { describe, expect, it } from 'vitest';

import { isPattern, literalPrefix, parsePattern } from '../../../../src/domain/spelling/wildcards.ts';
import * as fc from '../../../support/fast-check.ts';

describe('a pattern', () => {
  it.each([
    ['brand/*', 'brand/logo.png'],
    ['brand/*', 'brand/2024/logo.png'],
    ['brand/**', 'brand/a/b'],
    ['*.jpg', 'a/b.jpg'],
    ['img-?', 'img-1'],
    ['img-[0-9]', 'img-7'],
    ['img-[!0-9]', 'img-x'],
    ['img-[]x]', 'img-]'],
    ['a*b*c', 'aXXbYYbZc'],
    ['*', ''],
    ['photo[1.jpg*', 'photo[1.jpg'],
    ['?', '😀'],
  ])('%j matches %j', (pattern, text) => {
    expect(parsePattern(pattern).matches(text)).toBe(true);
    expect(text.startsWith(literalPrefix(pattern))).toBe(true);
  });

  it.each([
    ['brand/*', 'brands/logo.png'],
    ['img-?', 'img-12'],
    ['img-?', 'img-'],
    ['img-[0-9]', 'img-x'],
    ['img-[!0-9]', 'img-3'],
    ['a*b', 'ab-'],
  ])('%j does not match %j', (pattern, text) => {
    expect(parsePattern(pattern).matches(text)).toBe(false);
  });

  it.each(['hero (1)', 'photo[1.jpg', 'plain', '50%off', 'a]b'])('%j is none', (text) => {
    expect(isPattern(text)).toBe(false);
  });

  it('matches as a regular expression of the same meaning does', () => {
    const part = fc.constantFrom('a', 'b', '/', '*', '?', '[ab]', '[!a]');
    const regexOf: Record<string, string> = { '*': '.*', '?': '.', '[ab]': '[ab]', '[!a]': '[^a]' };
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), text, (parts, candidate) => {
        const regex = new RegExp(`^${parts.map((one) => regexOf[one] ?? one).join('')}$`, 's');
        expect(parsePattern(parts.join('')).matches(candidate)).toBe(regex.test(candidate));
      }),
    );
  });

  it('of many stars takes no exponential time', () => {
    expect(parsePattern(`${'*a'.repeat(500)}b`).matches('a'.repeat(1_024))).toBe(false);
  });
});
