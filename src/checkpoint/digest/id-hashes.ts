import { hash } from 'node:crypto';

export const ID_HASH_BYTES = 32;

/** The SHA-256 of each ID's UTF-8 text, one behind the other. */
export function hashesOf(ids: readonly string[]): Uint8Array {
  const hashes = new Uint8Array(ids.length * ID_HASH_BYTES);
  ids.forEach((id, index) => hashes.set(hash('sha256', id, 'buffer'), index * ID_HASH_BYTES));
  return hashes;
}
