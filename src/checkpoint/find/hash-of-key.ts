import type { IdKey } from '../format/id-key.ts';
import type { KeyHash } from './row-table.ts';

/** 64 bits that begin each hash. Of this process alone, no list can be made whose IDs all have one hash. */
export interface HashSeed {
  readonly high: number;
  readonly low: number;
}

export function randomSeed(): HashSeed {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return { high, low };
}

/** cyrb53's two lanes over characters or bytes, then MurmurHash3's finalizer. @param into - is filled: IDs come by the million */
export function hashOfKey(key: IdKey, seed: HashSeed, into: KeyHash): KeyHash {
  let high = seed.high ^ key.length;
  let low = seed.low ^ key.length;
  if (typeof key === 'string') {
    for (let at = 0; at < key.length; at++) {
      const character = key.charCodeAt(at);
      high = Math.imul(high ^ character, 0x9e3779b1);
      low = Math.imul(low ^ character, 0x5f356495);
    }
  } else {
    for (let at = 0; at < key.length; at++) {
      const byte = key[at] ?? 0;
      high = Math.imul(high ^ byte, 0x9e3779b1);
      low = Math.imul(low ^ byte, 0x5f356495);
    }
  }
  into.high = mixed(high ^ (low >>> 13));
  into.low = mixed(low ^ (high >>> 16));
  return into;
}

/** Each bit of the value changes half of the others. */
export function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
