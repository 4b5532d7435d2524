import { type ImageId, parseImageId } from '../../domain/image-id.ts';
import { matchKey } from '../../domain/spelling/match-key.ts';
import { UnsoundError } from '../file/sqlite-error.ts';

/** How an ID lies in SQLite: a UUID as its 16 bytes, anything else as text. */
export type IdKey = Uint8Array | string;

// Only the canonical spelling: `ABC…` and `abc…` are two IDs, and only one of them may come back from 16 bytes.
const CANONICAL_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function idToKey(id: string): IdKey {
  return id.length === 36 && CANONICAL_UUID.test(id) ? Buffer.from(id.replaceAll('-', ''), 'hex') : id;
}

/** How the key lies in SQLite by which an ID is protected ({@link matchKey}). */
export function matchKeyOf(id: ImageId): IdKey {
  return idToKey(matchKey(id));
}

/** The inverse of {@link idToKey}. The key was made of an `ImageId`; it is checked again, because the file may be damaged. */
export function keyToId(key: unknown): ImageId {
  if (typeof key === 'string') {
    const parsed = parseImageId(key);
    if (parsed.kind === 'id' && parsed.id === key) return parsed.id;
  }
  if (!(key instanceof Uint8Array) || key.byteLength !== 16) throw new UnsoundError('it holds a malformed ID');
  const hex = Buffer.from(key.buffer, key.byteOffset, 16).toString('hex');
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return uuid as ImageId;
}
