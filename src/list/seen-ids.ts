import { hash } from 'node:crypto';

/** Each fingerprint has 96 bits: among ten million IDs two different ones share one with a chance of 10^-15. */
const WORDS = 3;
/** Each grows by itself, so that growing never takes twice the memory. */
const PARTS = 256;
const SLOTS_FIRST = 16;
const FULL_SHARE = 0.9;
const GROWTH = 1.15;

/** Remembers which IDs it was given, in some 14 bytes for each: a set of texts takes ten times as much. */
export class SeenIds {
  readonly #parts: readonly Part[] = Array.from({ length: PARTS }, () => new Part());
  #count = 0;

  /** @returns whether it is new */
  add(id: string): boolean {
    const digest = hash('sha1', id, 'buffer');
    // A slot is free where its first word is 0.
    const isNew = this.#parts[digest[12] ?? 0]?.add(digest.readUInt32LE(0) || 1, digest.readUInt32LE(4), digest.readUInt32LE(8)) === true;
    if (isNew) this.#count++;
    return isNew;
  }

  get count(): number {
    return this.#count;
  }
}

/** An open hash table of fingerprints. */
class Part {
  #words: Uint32Array = new Uint32Array(SLOTS_FIRST * WORDS);
  #slotCount = SLOTS_FIRST;
  #count = 0;

  add(first: number, second: number, third: number): boolean {
    if (!this.#put(first, second, third)) return false;
    if (++this.#count > this.#slotCount * FULL_SHARE) this.#grow();
    return true;
  }

  #put(first: number, second: number, third: number): boolean {
    const words = this.#words;
    for (let slot = second % this.#slotCount; ; slot = slot + 1 === this.#slotCount ? 0 : slot + 1) {
      const at = slot * WORDS;
      if (words[at] === 0) {
        words[at] = first;
        words[at + 1] = second;
        words[at + 2] = third;
        return true;
      }
      if (words[at] === first && words[at + 1] === second && words[at + 2] === third) return false;
    }
  }

  #grow(): void {
    const before = this.#words;
    this.#slotCount = Math.ceil(this.#slotCount * GROWTH);
    this.#words = new Uint32Array(this.#slotCount * WORDS);
    for (let at = 0; at < before.length; at += WORDS)
      if (before[at] !== 0) this.#put(before[at] ?? 0, before[at + 1] ?? 0, before[at + 2] ?? 0);
  }
}
