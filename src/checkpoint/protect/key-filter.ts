import type { IdKey } from '../format/id-key.ts';

const BITS_PER_KEY = 16;
const BITS_MIN = 1 << 12;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * A Bloom filter: says of most keys at once that they are not in the set, so that the file is asked for few IDs only. Two bits for
 * each key in 16 bits for each key: 1.4 % of the other keys are asked for in vain. The bits are a power of
 * two: ten million keys take 32 MB.
 */
export class KeyFilter {
  readonly #bits: Uint32Array;
  readonly #mask: number;

  constructor(keyCount: number) {
    const bitCount = 2 ** Math.ceil(Math.log2(Math.max(keyCount * BITS_PER_KEY, BITS_MIN)));
    this.#mask = bitCount - 1;
    this.#bits = new Uint32Array(bitCount / 32);
  }

  add(key: IdKey): void {
    const hash = hashOf(key);
    this.#set(hash & this.#mask);
    this.#set(secondHash(hash) & this.#mask);
  }

  mayHave(key: IdKey): boolean {
    const hash = hashOf(key);
    return this.#has(hash & this.#mask) && this.#has(secondHash(hash) & this.#mask);
  }

  #set(bit: number): void {
    const word = bit >>> 5;
    this.#bits[word] = (this.#bits[word] ?? 0) | (1 << (bit & 31));
  }

  #has(bit: number): boolean {
    return ((this.#bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
  }
}

/** FNV-1a over characters or bytes, then mixed: its low bits alone are weak. 32 bits. */
function hashOf(key: IdKey): number {
  let hash = FNV_OFFSET;
  if (typeof key === 'string') for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), FNV_PRIME);
  else for (const byte of key) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return mixed(hash);
}

function secondHash(hash: number): number {
  return mixed(hash ^ 0x9e3779b9);
}

/** The finalizer of MurmurHash3. */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
