import type { IdKey } from '../format/id-key.ts';

/** 64 bits that begin each hash. */
export interface HashSeed {
  readonly high: number;
  readonly low: number;
}

/** 32 bits. */
export type HashOf = (key: IdKey) => number;

/** A hash of its own: nobody can make a list whose IDs all have the same one. */
export function seededHash(): HashOf {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  const seed: HashSeed = { high, low };
  return (key) => hashOfKey(key, seed);
}

/**
 * HalfSipHash-1-3, which is made for tables of what strangers send: 32 bits. A UUID takes 60 ns; node:crypto takes 1,400 ns for a hash.
 *
 * @param tail - a number more that is hashed behind the key
 */
export function hashOfKey(key: IdKey, seed: HashSeed, tail: number = 0): number {
  let v0 = seed.low;
  let v1 = seed.high;
  let v2 = 0x6c796765 ^ seed.low;
  let v3 = 0x74656462 ^ seed.high;
  const isText = typeof key === 'string';
  const step = isText ? 2 : 4;
  // The words of the key, then two that say what is no word of it.
  const words = Math.ceil(key.length / step);
  for (let word = 0; word < words + 5; word++) {
    let next = 0;
    if (word < words) next = isText ? textWord(key, word * step) : bytesWord(key, word * step);
    else if (word === words) next = tail;
    else if (word === words + 1) next = key.length ^ (isText ? 1 << 31 : 0);
    // Three rounds more, which end a hash.
    if (word === words + 2) v2 ^= 0xff;
    v3 ^= next;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= next;
  }
  return (v1 ^ v3) >>> 0;
}

/** Two characters. Behind the end there is nothing: `NaN` is 0 here. */
function textWord(text: string, at: number): number {
  return text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
}

function bytesWord(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}
