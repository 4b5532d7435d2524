import { describe, expect, it } from 'vitest';

import { parseGlob } from '../../../../src/domain/spelling/globs.ts';
import { PatternSet } from '../../../../src/domain/spelling/pattern-set.ts';
import { literalPrefix } from '../../../../src/domain/spelling/wildcards.ts';
import * as fc from '../../../support/fast-check.ts';

describe('a pattern of --exclude-id', () => {
  it.each([
    ['brand/*', 'brand/logo.png'],
    ['brand/**', 'brand/2024/logo.png'],
    ['brand/**', 'brand/logo.png'],
    ['**/logo.png', 'logo.png'],
    ['**/logo.png', 'brand/2024/logo.png'],
    ['brand/**/logo.png', 'brand/logo.png'],
    ['brand/**/logo.png', 'brand/a/b/logo.png'],
    ['**', 'a/b/c'],
    ['***', 'a/b/c'],
    ['*', 'a'],
    ['a**b', 'a/x/b'],
    ['*.jpg', 'b.jpg'],
    ['*/*.jpg', 'a/b.jpg'],
    ['img-?', 'img-1'],
    ['img-[0-9]', 'img-7'],
    ['img-[!0-9]', 'img-x'],
    ['photo[1.jpg', 'photo[1.jpg'],
    ['plain', 'plain'],
    ['?', '😀'],
  ])('%j matches %j', (glob, id) => {
    expect(parseGlob(glob).matches(id)).toBe(true);
    expect(id.startsWith(literalPrefix(glob))).toBe(true);
  });

  it.each([
    ['brand/*', 'brand/2024/logo.png'],
    ['brand/*', 'brands/logo.png'],
    ['brand/**', 'brand'],
    ['*', 'a/b'],
    ['*.jpg', 'a/b.jpg'],
    ['a?b', 'a/b'],
    ['a[/]b', 'a/b'],
    ['a[!x]b', 'a/b'],
    ['**/logo.png', 'mylogo.png'],
    ['brand/**/logo.png', 'brand/mylogo.png'],
    ['plain', 'plainer'],
    ['plain', 'Plain'],
  ])('%j does not match %j', (glob, id) => {
    expect(parseGlob(glob).matches(id)).toBe(false);
  });

  it('matches as a regular expression of the same meaning does, and begins with what stands before its first wildcard', () => {
    const part = fc.constantFrom('a', 'b', '/', '*', '?', '[ab]', '[!a]', '/**/', '**');
    const id = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 7 }), id, (parts, candidate) => {
        const glob = parts.join('');
        const source = glob.replaceAll(/(?<=^|\/)\*{2,}\/|\*{2,}|\*|\?|\[!a\]/g, (wildcard) =>
          wildcard.endsWith('*/')
            ? '(?:.*/)?'
            : wildcard.startsWith('**')
              ? '.*'
              : wildcard === '*'
                ? '[^/]*'
                : wildcard === '?'
                  ? '[^/]'
                  : '[^a/]',
        );
        const matches = new RegExp(`^${source}$`, 'su').test(candidate);
        expect(parseGlob(glob).matches(candidate), `${glob} ${source}`).toBe(matches);
        if (matches) expect(candidate.startsWith(literalPrefix(glob))).toBe(true);
      }),
    );
  });

  it('of many stars takes no exponential time', () => {
    expect(parseGlob(`${'**a*'.repeat(200)}b`).matches('a'.repeat(1_024))).toBe(false);
  });

  it('is found by key where capitals or encoding differ', () => {
    const globs = new PatternSet([['Brand/*', 1]], parseGlob);
    expect(globs.find('Brand/x')?.value).toBe(1);
    expect(globs.find('brand/x')).toBeUndefined();
    expect(globs.findByKey('brand/x')?.value).toBe(1);
    expect(globs.findByKey('brand/2024/x')).toBeUndefined();
  });
});
