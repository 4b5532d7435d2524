import assert from 'node:assert/strict';

import * as fc from '../../support/fast-check.ts';

import { idToKey, keyToId } from '../../../src/checkpoint/format/id-key.ts';
import { safeSegment } from '../../../src/cloudflare/safe-segment.ts';
import { deliveryUrlImageId } from '../../../src/domain/spelling/delivery-url.ts';
import { type ImageId, parseImageId, SIBLING_ROUTES, trimValue } from '../../../src/domain/image-id.ts';
import { shardIndexOf } from '../../../src/domain/shard.ts';
import type { FuzzTarget } from '../target.ts';
import { texts } from '../texts.ts';

const ROOT = 'https://api.example/client/v4/accounts/a/images/v1/';

function idOf(text: string): ImageId | undefined {
  const parsed = parseImageId(text);
  return parsed.kind === 'id' ? parsed.id : undefined;
}

export const idTargets: readonly FuzzTarget[] = [
  {
    name: 'image-id',
    share: 1,
    property: fc.property(texts, fc.nat(), (text, number) => {
      const id = idOf(text);
      if (id === undefined) return;
      assert.equal(id, trimValue(text), 'only white space around a value is taken off');
      assert.ok(id.isWellFormed() && !/\p{Cc}|\ufffd/u.test(id) && !/^\/|\/$/.test(id) && id !== '' && Array.from(id).length <= 1_024);
      assert.ok(!SIBLING_ROUTES.some((route) => id === route || id.startsWith(`${route}/`)));
      const segment = safeSegment(id);
      assert.equal(decodeURIComponent(segment), id);
      // As every client on the way normalises paths: still the same path, one segment longer than the collection's.
      assert.equal(new URL(ROOT + segment).href, ROOT + segment);
      assert.ok(!segment.includes('/'));
      assert.equal(keyToId(idToKey(id)), id);
      const count = (number % 1_000) + 1;
      assert.ok(shardIndexOf(id, count) >= 0 && shardIndexOf(id, count) < count);
    }),
  },
  {
    name: 'unicode-pairs',
    share: 0.3,
    property: fc.property(texts, fc.constantFrom('NFC', 'NFD', 'NFKC', 'NFKD'), (text, form) => {
      const [one, other] = [idOf(text), idOf(text.normalize(form))];
      if (one === undefined || other === undefined || trimValue(text) === trimValue(text.normalize(form))) return;
      assert.notEqual(one, other, 'two spellings of a text are two IDs');
      assert.notDeepEqual(idToKey(one), idToKey(other));
      assert.notEqual(safeSegment(one), safeSegment(other));
    }),
  },
  {
    name: 'delivery-url',
    share: 0.5,
    property: fc.property(
      fc.constantFrom('https://imagedelivery.net/', 'http://a.example/cdn-cgi/imagedelivery/', 'HTTPS://IMAGEDELIVERY.NET/', ''),
      fc.constantFrom('Vi7wi5KSItxGFsWRG2Us6Q/', ''),
      texts,
      fc.constantFrom('/public', '/', ''),
      (start, hash, id, end) => {
        const found = deliveryUrlImageId(start + hash + id + end);
        if (found.kind === 'not-a-delivery-url') return assert.notEqual(found.reason, '');
        // Nothing is taken for an ID but what stands between the account's hash and the variant.
        assert.ok(start !== '' && (hash + id).includes('/') && !/[?#]/.test((hash + id + end).split(/[?#]/)[0] ?? ''));
      },
    ),
  },
];
