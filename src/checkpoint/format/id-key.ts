import { type ImageId, parseImageId } from '../../domain/image-id.ts';
import { matchKey } from '../../domain/spelling/match-key.ts';
import { UnsoundError } from '../file/sqlite-error.ts';

/** How an ID lies in SQLite: a UUID as its 16 bytes, anything else as text. */
export type IdKey = Uint8Array | string;

export const UUID_BYTES = 16;
const UUID_CHARACTERS = 36;
const DASH = 0x2d;
const DASHES_AT: readonly number[] = [8, 13, 18, 23];
/** Where the two digits of each byte begin. */
const DIGITS_AT: readonly number[] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
/** The value of each character that is a digit; all bits are set in the others. */
const DIGIT_VALUE: Int8Array = Int8Array.from({ length: 128 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code)));
const NO_DIGIT = -1;

export function idToKey(id: string): IdKey {
  const bytes = new Uint8Array(UUID_BYTES);
  return writeUuid(id, bytes, 0) ? bytes : id;
}

/**
 * Writes the bytes of a UUID; `false` where the ID is none. Only of the canonical spelling: `ABC…` and `abc…` are two IDs, and only one
 * of them may come back from 16 bytes. A pattern and `Buffer.from(…, 'hex')` take ten times as long.
 */
export function writeUuid(id: string, into: Uint8Array, at: number): boolean {
  if (id.length !== UUID_CHARACTERS) return false;
  for (let dash = 0; dash < DASHES_AT.length; dash++) if (id.charCodeAt(DASHES_AT[dash] as number) !== DASH) return false;
  for (let byte = 0; byte < UUID_BYTES; byte++) {
    const from = DIGITS_AT[byte] as number;
    const value = ((DIGIT_VALUE[id.charCodeAt(from)] ?? NO_DIGIT) << 4) | (DIGIT_VALUE[id.charCodeAt(from + 1)] ?? NO_DIGIT);
    if (value < 0) return false;
    into[at + byte] = value;
  }
  return true;
}

/** An ID in the file's form, which was made of one in this process. What is read from a file is checked by {@link keyToId}. */
export function idOfKey(key: IdKey): ImageId {
  return typeof key === 'string' ? (key as ImageId) : keyToId(key);
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
  if (!(key instanceof Uint8Array) || key.byteLength !== UUID_BYTES) throw new UnsoundError('it holds a malformed ID');
  const hex = Buffer.from(key.buffer, key.byteOffset, UUID_BYTES).toString('hex');
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return uuid as ImageId;
}
