import { hash } from 'node:crypto';

import type { ImageId } from '../../domain/image-id.ts';
import { type IdKey, UUID_BYTES, writeUuid } from '../format/id-key.ts';

/**
 * IDs on their way between the threads. As texts, each would be copied and be an object of the ledger's thread; as bytes, which is how
 * the file has them, a million took 5.9 s of CPU time in place of 8.2 s, that of `writeUuid` included.
 *
 * @module
 */

export interface PackedIds {
  readonly count: number;
  /** The bytes of those that are UUIDs, one behind the other. */
  readonly uuids: Uint8Array<ArrayBuffer>;
  /** The others, and where each of them stands among all. */
  readonly texts: readonly ImageId[];
  readonly textsAt: readonly number[];
  /** The SHA-256 of the UTF-8 text of each, one behind the other. */
  readonly hashes: Uint8Array<ArrayBuffer>;
}

export const ID_HASH_BYTES = 32;

export function packIds(ids: readonly ImageId[]): PackedIds {
  const uuids = new Uint8Array(ids.length * UUID_BYTES);
  const texts: ImageId[] = [];
  const textsAt: number[] = [];
  const hashes = new Uint8Array(ids.length * ID_HASH_BYTES);
  let end = 0;
  for (let index = 0; index < ids.length; index++) {
    const id = ids[index] as ImageId;
    hashes.set(hash('sha256', id, 'buffer'), index * ID_HASH_BYTES);
    if (writeUuid(id, uuids, end)) end += UUID_BYTES;
    else {
      texts.push(id);
      textsAt.push(index);
    }
  }
  return { count: ids.length, uuids: texts.length === 0 ? uuids : uuids.slice(0, end), texts, textsAt, hashes };
}

/** @param visit - is given each ID as it lies in the file, in their order */
export function forEachKey({ count, uuids, texts, textsAt }: PackedIds, visit: (key: IdKey, index: number) => void): void {
  for (let index = 0, nextText = 0, at = 0; index < count; index++) {
    if (textsAt[nextText] === index) visit(texts[nextText++] as ImageId, index);
    else visit(uuids.subarray(at, (at += UUID_BYTES)), index);
  }
}

/** Several as one, in their order. */
export function joinIds(packs: readonly PackedIds[]): PackedIds {
  const [only] = packs;
  if (only !== undefined && packs.length === 1) return only;
  const textsAt: number[] = [];
  let count = 0;
  for (const pack of packs) {
    for (const at of pack.textsAt) textsAt.push(count + at);
    count += pack.count;
  }
  const texts = packs.flatMap((pack) => pack.texts);
  return { count, uuids: joined(packs.map(({ uuids }) => uuids)), texts, textsAt, hashes: joined(packs.map(({ hashes }) => hashes)) };
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
