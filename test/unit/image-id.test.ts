import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { deliveryUrlImageId } from '../../src/domain/delivery-url.ts';
import { imageIdSegment, parseImageId } from '../../src/domain/image-id.ts';

const HASH = 'Vi7wi5KSItxGFsWRG2Us6Q';

describe('an image ID', () => {
  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['.', 'dot segment'],
    ['..', 'dot segment'],
    ['a\u0000', 'control character'],
    ['a\u007fb', 'control character'],
    ['a\u0085b', 'control character'],
    ['\ud800', 'lone surrogate'],
    ['a\ufffd', 'U+FFFD'],
    ['/a', 'begins with "/"'],
    ['a/', 'ends with "/"'],
    ['https://imagedelivery.net/x', 'is a URL'],
    ['x'.repeat(1_025), 'longer than 1024'],
    ['👍'.repeat(1_025), 'longer than 1024'],
    ...['variants', 'keys', 'stats', 'batch_token', 'config', 'direct_upload'].flatMap((route): [string, string][] => [[route, 'sibling route'], [`${route}/x`, 'sibling route'], [` ${route} `, 'sibling route']]),
  ])('%j is never sent', (value, reason) => {
    const parsed = parseImageId(value);
    expect(parsed.kind).toBe('unusable');
    expect(parsed.kind === 'unusable' && parsed.reason).toContain(reason);
  });

  it.each(['7', 'a/b', '...', '..a', '%2F', 'Keys', 'variants2', 'x'.repeat(1_024), '👍'.repeat(1_024), 'e\u0301', 'keysx/y', '?', '#'])('%j is an ID as it stands', (value) => {
    expect(parseImageId(value)).toEqual({ kind: 'id', id: value });
  });

  it('loses white space around it and nothing else', () => {
    expect(parseImageId('\u00a0\t a b \r\n')).toEqual({ kind: 'id', id: 'a b' });
  });

  it('becomes one path segment that decodes to itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 50 }), fc.string({ unit: fc.constantFrom('/', '.', '%', '?', '#', 'a', '\\', ' ', 'é', '-') })), (value) => {
        const parsed = parseImageId(value);
        if (parsed.kind === 'unusable') return;
        const segment = imageIdSegment(parsed.id);
        expect(segment).toMatch(/^[A-Za-z0-9\-_.!~*'()%]+$/);
        expect(['.', '..', '']).not.toContain(segment);
        expect(decodeURIComponent(segment)).toBe(parsed.id);
        expect(value.includes(parsed.id)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('a delivery URL', () => {
  it.each([
    [`https://imagedelivery.net/${HASH}/083eb7b2-5392-4565-b69e-aff66acddd00/public`, '083eb7b2-5392-4565-b69e-aff66acddd00'],
    [`http://imagedelivery.net/${HASH}/shop/hero.jpg/width=100,height=300`, 'shop/hero.jpg'],
    [`https://example.com/cdn-cgi/imagedelivery/${HASH}/a%2525b/thumb?x=1#y`, 'a%25b'],
    [`https://IMAGEDELIVERY.NET/${HASH}/a/../b/public`, 'a/../b'],
  ])('%s holds %s', (url, id) => expect(deliveryUrlImageId(url)).toEqual({ kind: 'id', value: id }));

  it.each(['083eb7b2', 'https://example.com/a/b/c', `https://imagedelivery.net/short/a/public`, `https://imagedelivery.net/${HASH}/public`, `https://imagedelivery.net/${HASH}/a/`, `https://imagedelivery.net/${HASH}/%ff/public`, `ftp://imagedelivery.net/${HASH}/a/public`])('%s is none', (value) => {
    expect(deliveryUrlImageId(value).kind).toBe('not-a-delivery-url');
  });
});
