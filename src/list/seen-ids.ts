import { hash } from 'node:crypto';

/** Each fingerprint has 96 bits: among ten million IDs two different ones share one with a chance of 10^-15. */
const WORDS = 3;
/** Each grows by itself, so that growing never takes twice the memory. */
const PARTS = 256;
const SLOTS_FIRST = 16;
const FULL_SHARE = 0.9;
const GROWTH = 1.15;

/** Which IDs were met before. */
export interface IdMemory {
  /** @returns whether it is new */
  add(id: string): boolean;
}

/** Remembers which IDs it was given, in some 14 bytes for each: a set of texts takes ten times as much. */
export class SeenIds implements IdMemory {
  readonly #parts: readonly Part[] = Array.from({ length: PARTS }, () => new Part());
  #count = 0;

  add(id: string): boolean {
    const [part, ...words] = this.#placeOf(id);
    const isNew = part.add(...words);
    if (isNew) this.#count++;
    return isNew;
  }

  has(id: string): boolean {
    const [part, ...words] = this.#placeOf(id);
    return part.has(...words);
  }

  get count(): number {
    return this.#count;
  }

  #placeOf(id: string): [part: Part, first: number, second: number, third: number] {
    const digest = hash('sha1', id, 'buffer');
    const part = this.#parts[digest[12] ?? 0] as Part;
    // A slot is free where its first word is 0.
    return [part, digest.readUInt32LE(0) || 1, digest.readUInt32LE(4), digest.readUInt32LE(8)];
  }
}

/** The IDs of the last thousand pages or more, however long a list is: enough to see that it goes round in a circle. */
export class RecentIds implements IdMemory {
  readonly #countMax: number;
  #recent = new SeenIds();
  #before: SeenIds | undefined;

  constructor(countMax: number = 1_000_000) {
    this.#countMax = countMax;
  }

  add(id: string): boolean {
    if (this.#before?.has(id) === true || !this.#recent.add(id)) return false;
    if (this.#recent.count >= this.#countMax) {
      this.#before = this.#recent;
      this.#recent = new SeenIds();
    }
    return true;
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

  has(first: number, second: number, third: number): boolean {
    return this.#words[this.#slotOf(first, second, third)] !== 0;
  }

  #put(first: number, second: number, third: number): boolean {
    const at = this.#slotOf(first, second, third);
    if (this.#words[at] !== 0) return false;
    this.#words[at] = first;
    this.#words[at + 1] = second;
    this.#words[at + 2] = third;
    return true;
  }

  /** Where it is, or the free place where it belongs. */
  #slotOf(first: number, second: number, third: number): number {
    const words = this.#words;
    for (let slot = second % this.#slotCount; ; slot = slot + 1 === this.#slotCount ? 0 : slot + 1) {
      const at = slot * WORDS;
      if (words[at] === 0 || (words[at] === first && words[at + 1] === second && words[at + 2] === third)) return at;
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
