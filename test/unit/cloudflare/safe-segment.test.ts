import { describe, expect, it } from 'vitest';

import { safeSegment } from '../../../src/cloudflare/safe-segment.ts';
import { type ImageId, parseImageId } from '../../../src/domain/image-id.ts';
import * as fc from '../../support/fast-check.ts';

const forged = (text: string): ImageId => text as ImageId;

describe('a path segment', () => {
  it.each([
    ['3f0c8a44-1a2b-4c3d-8e9f-a91e00112233', '3f0c8a44-1a2b-4c3d-8e9f-a91e00112233'],
    ['shop/hero.jpg', 'shop%2Fhero.jpg'],
    ['100%', '100%25'],
    ['%2e%2e', '%252e%252e'],
    ['a?b#c', 'a%3Fb%23c'],
    ['../x', '..%2Fx'],
    ['a\\b', 'a%5Cb'],
    ['é', '%C3%A9'],
    ['...', '...'],
  ])('of %j is %j', (id, segment) => expect(safeSegment(forged(id))).toBe(segment));

  it.each(['', '.', '..'])('is never made of %j, were it to slip through', (id) =>
    expect(() => safeSegment(forged(id))).toThrow('one path segment'),
  );

  it('is never made of half a character', () => expect(() => safeSegment(forged('a\uD800'))).toThrow());

  it('keeps a URL at its place and gives the ID back, whatever the ID', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), fc.stringMatching(/^[./\\%?#2eEfF ]{1,12}$/)),
        (text) => {
          const parsed = parseImageId(text);
          fc.pre(parsed.kind === 'id');
          const segment = safeSegment(parsed.id);
          const url = new URL(`https://api.example/images/v1/${segment}`);
          expect([url.pathname, url.search, url.hash]).toEqual([`/images/v1/${segment}`, '', '']);
          expect(decodeURIComponent(segment)).toBe(parsed.id);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
