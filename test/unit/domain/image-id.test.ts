import { describe, expect, it } from 'vitest';

import { deliveryUrlImageId } from '../../../src/domain/spelling/delivery-url.ts';
import { imageIdSegment, parseImageId } from '../../../src/domain/image-id.ts';
import * as fc from '../../support/fast-check.ts';

const HASH = 'Vi7wi5KSItxGFsWRG2Us6Q';

describe('an image ID', () => {
  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['.', 'a dot segment'],
    ['..', 'a dot segment'],
    ['a\u0000', 'holds a control character'],
    ['a\u007fb', 'holds a control character'],
    ['a\u0085b', 'holds a control character'],
    ['\ud800', 'holds a lone surrogate'],
    ['a\ufffd', 'holds U+FFFD, the mark of text that was decoded wrongly'],
    ['/a', 'begins with "/"'],
    ['a/', 'ends with "/"'],
    // Long enough for the quick test that settles most IDs.
    ['/abcdefgh', 'begins with "/"'],
    ['abcdefgh/', 'ends with "/"'],
    ['a////////', 'ends with "/"'],
    ['variants/abcdefgh', 'names a sibling route'],
    ['https://abcdefgh', 'is a URL, not an ID (for delivery URLs: --delivery-urls)'],
    ['https://imagedelivery.net/x', 'is a URL, not an ID (for delivery URLs: --delivery-urls)'],
    ['a1+.-://x', 'is a URL, not an ID (for delivery URLs: --delivery-urls)'],
    ['x'.repeat(1_025), 'longer than 1024 characters'],
    ['👍'.repeat(1_025), 'longer than 1024 characters'],
    ...['variants', 'keys', 'stats', 'batch_token', 'config', 'direct_upload'].flatMap((route): [string, string][] => [
      [route, 'names a sibling route'],
      [`${route}/x`, 'names a sibling route'],
      [` ${route} `, 'names a sibling route'],
    ]),
  ])('%j is never sent', (value, reason) => {
    expect(parseImageId(value)).toEqual({ kind: 'unusable', reason });
  });

  it.each([
    '7',
    'a/b',
    '...',
    '..a',
    '%2F',
    'Keys',
    'variants2',
    'x'.repeat(1_024),
    '👍'.repeat(1_024),
    'e\u0301',
    'keysx/y',
    'x/keys',
    'x/keys/y',
    '1a://x',
    '?x://y',
    'a:/x',
    '?',
    '#',
  ])('%j is an ID as it stands', (value) => {
    expect(parseImageId(value)).toEqual({ kind: 'id', id: value });
  });

  it('loses white space around it and nothing else', () => {
    expect(parseImageId('\u00a0\t a b \r\n')).toEqual({ kind: 'id', id: 'a b' });
  });

  it.each([
    ['083eb7b2-5392-4565-b69e-aff66acddd00', '083eb7b2-5392-4565-b69e-aff66acddd00'],
    ['shop/hero.jpg', 'shop%2Fhero.jpg'],
    ['abcdefg/../x', 'abcdefg%2F..%2Fx'],
    ['x/abcdefgh', 'x%2Fabcdefgh'],
    ['?abcdefgh', '%3Fabcdefgh'],
    ['a??????', 'a%3F%3F%3F%3F%3F%3F'],
    ['abcdefgh%2F', 'abcdefgh%252F'],
    ['é', '%C3%A9'],
  ])('%j is sent as the path segment %j', (value, segment) => {
    const parsed = parseImageId(value);
    expect(parsed.kind === 'id' && imageIdSegment(parsed.id)).toBe(segment);
  });

  it('becomes one path segment that decodes to itself', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 50 }),
          fc.string({ unit: fc.constantFrom('/', '.', '%', '?', '#', 'a', '\\', ' ', 'é', '-') }),
        ),
        (value) => {
          const parsed = parseImageId(value);
          if (parsed.kind === 'unusable') return;
          const segment = imageIdSegment(parsed.id);
          expect(segment).toMatch(/^[A-Za-z0-9\-_.!~*'()%]+$/);
          expect(['.', '..', '']).not.toContain(segment);
          expect(decodeURIComponent(segment)).toBe(parsed.id);
          expect(value.includes(parsed.id)).toBe(true);
        },
      ),
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
    [`HTTPS://imagedelivery.net/${HASH}/a/public`, 'a'],
  ])('%s holds %s', (url, id) => expect(deliveryUrlImageId(url)).toMatchObject({ kind: 'id', value: id, accountHash: HASH }));

  it.each([
    ['083eb7b2', 'is not a URL'],
    [`ftp://imagedelivery.net/${HASH}/a/public`, 'is not a URL'],
    [`xhttps://imagedelivery.net/${HASH}/a/public`, 'is not a URL'],
    [`https://?x/imagedelivery.net/${HASH}/a/public`, 'is not a URL'],
    [`https://imagedelivery.net?${HASH}/a/public`, 'is not a URL'],
    ['https://example.com/a/b/c', 'is not a delivery URL'],
    [`https://example.com/${HASH}/a/public`, 'is not a delivery URL'],
    [`https://example.com/cdn-cgi/image/${HASH}/a/public`, 'is not a delivery URL'],
    [`https://example.com/x/imagedelivery/${HASH}/a/public`, 'is not a delivery URL'],
    [`https://imagedelivery.net.example.com/${HASH}/a/public`, 'is not a delivery URL'],
    ['https://imagedelivery.net/short/a/public', 'is not a delivery URL: no account hash of 22 characters'],
    [`https://imagedelivery.net/${HASH}x/a/public`, 'is not a delivery URL: no account hash of 22 characters'],
    [`https://imagedelivery.net/x${HASH}/a/public`, 'is not a delivery URL: no account hash of 22 characters'],
    [`https://imagedelivery.net/cdn-cgi/imagedelivery/${HASH}/a/public`, 'is not a delivery URL: no account hash of 22 characters'],
    ['https://imagedelivery.net/', 'is not a delivery URL: no account hash of 22 characters'],
    [`https://imagedelivery.net/${HASH}`, 'is a delivery URL without an ID and a variant'],
    [`https://imagedelivery.net/${HASH}/public`, 'is a delivery URL without an ID and a variant'],
    [`https://imagedelivery.net/${HASH}/a/`, 'is a delivery URL without an ID and a variant'],
    [`https://imagedelivery.net/${HASH}/%ff/public`, 'is a delivery URL whose percent-encoding is broken'],
  ])('%s is none: it %s', (value, reason) => expect(deliveryUrlImageId(value)).toEqual({ kind: 'not-a-delivery-url', reason }));
});
