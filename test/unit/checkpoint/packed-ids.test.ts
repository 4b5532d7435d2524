import { describe, expect, it } from 'vitest';

import { SetDigest } from '../../../src/checkpoint/digest/set-digest.ts';
import { idOfKey, idToKey } from '../../../src/checkpoint/format/id-key.ts';
import { forEachKey, ID_HASH_BYTES, joinIds, packIds, type PackedIds } from '../../../src/checkpoint/intake/packed-ids.ts';
import type { ImageId } from '../../../src/domain/image-id.ts';
import * as fc from '../../support/fast-check.ts';

const UUID = '3f0c8a44-1a2b-4c3d-8e9f-a91e00112233';
const OWNER = { accountId: 'account', baseUrl: 'https://example.com' };
const ids = fc.array(
  fc.oneof(
    fc.uuid(),
    fc.uuid().map((id) => id.toUpperCase()),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(UUID.replace('3', 'g'), UUID.replace('-', '_'), `${UUID}0`, UUID.replace('3', '\u0133'), UUID.replace('3', ' ')),
  ),
);

function idsOf(packed: PackedIds): string[] {
  const found: string[] = [];
  forEachKey(packed, (key, index) => {
    expect(index).toBe(found.length);
    found.push(idOfKey(key));
  });
  return found;
}

function digestOf(packed: PackedIds): string {
  const set = new SetDigest();
  for (let index = 0; index < packed.count; index++) set.addHash(packed.hashes, index * ID_HASH_BYTES);
  return set.toText(OWNER);
}

describe('IDs that were packed', () => {
  it('come out as they were, in their order, alone and joined, with their hashes', () => {
    fc.assert(
      fc.property(fc.array(ids as fc.Arbitrary<ImageId[]>, { minLength: 1 }), (lists) => {
        const all = lists.flat();
        const joined = joinIds(lists.map(packIds));
        expect(idsOf(packIds(all))).toEqual(all);
        expect(idsOf(joined)).toEqual(all);
        const set = new SetDigest();
        for (const id of all) set.add(id);
        expect(digestOf(packIds(all))).toBe(set.toText(OWNER));
        expect(digestOf(joined)).toBe(set.toText(OWNER));
      }),
    );
  });
});

describe('the form in which an ID lies in the file', () => {
  it('is 16 bytes for a UUID in small letters, and else the ID', () => {
    const canonical = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
    fc.assert(
      fc.property(ids, (list) => {
        for (const id of list) {
          const key = idToKey(id);
          if (canonical.test(id)) expect(Buffer.from(key as Uint8Array).toString('hex')).toBe(id.replaceAll('-', ''));
          else expect(key).toBe(id);
        }
      }),
    );
  });
});
