/** Of a hash of 32 bits, the first choose the segment, and those behind them tell its rows apart. */
const SEGMENT_BITS = 12;
const TAG_BITS = 16;
const TAGS = 2 ** TAG_BITS;
const UNUSED_BITS = 32 - SEGMENT_BITS - TAG_BITS;
/** A slot is a tag and the two halves of a row's number. It is free where the number is 0, which no row has. */
const SLOT = 3;
const NO_ROW = 0;
/** Slots come in pages of 1.5 KiB, and pages in slabs of 768 KiB. */
const PAGE_BITS = 8;
const SLOTS_PER_PAGE = 2 ** PAGE_BITS;
const SLAB_BITS = 9;
const PAGES_PER_SLAB = 2 ** SLAB_BITS;
/** Fuller than this, a segment is made larger by an eighth. Each is by itself, so that no moment needs twice the memory. */
const LOAD_MAX = 0.85;
const GROWTH_SHIFT = 3;

/**
 * A set of row numbers, found again by the hash of what lies in the row: 7.6 bytes a row. A B-tree of random keys in the file takes
 * twenty, and reading a million IDs took three times as much CPU time with it.
 *
 * Two keys may have one hash; of ten million, one in thirty meets another's. So the row that is found is a guess, which the caller
 * looks up in the file. No row that was added is ever passed over.
 */
export class RowTable {
  readonly #pages = new Pages();
  readonly #segments: (Segment | undefined)[] = Array.from({ length: 2 ** SEGMENT_BITS });

  /** @param isIt - whether it is the row that is looked for; asked of each row with this hash until it is */
  find(hash: number, isIt: (row: number) => boolean): number | undefined {
    return this.#segments[segmentOf(hash)]?.find(tagOf(hash), isIt);
  }

  /** @param row - 1 to 2³² − 1 */
  add(hash: number, row: number): void {
    (this.#segments[segmentOf(hash)] ??= new Segment(this.#pages)).add(tagOf(hash), row);
  }
}

function segmentOf(hash: number): number {
  return hash >>> (32 - SEGMENT_BITS);
}

function tagOf(hash: number): number {
  return (hash >>> UNUSED_BITS) & (TAGS - 1);
}

/** No page is ever given back: arrays that are replaced by larger ones leave holes, half as large in all as what they held. */
class Pages {
  readonly slabs: Uint16Array[] = [];
  /** What a segment holds while it is made larger. */
  scratch: Uint16Array = new Uint16Array(SLOTS_PER_PAGE * SLOT);
  #count = 0;

  /** @returns the number of a page whose slots are free */
  take(): number {
    if (this.#count % PAGES_PER_SLAB === 0) this.slabs.push(new Uint16Array(PAGES_PER_SLAB * SLOTS_PER_PAGE * SLOT));
    return this.#count++;
  }
}

/** Open addressing with linear probing. */
class Segment {
  readonly #pages: Pages;
  readonly #own: number[];
  #slotCount = SLOTS_PER_PAGE;
  #count = 0;

  constructor(pages: Pages) {
    this.#pages = pages;
    this.#own = [pages.take()];
  }

  find(tag: number, isIt: (row: number) => boolean): number | undefined {
    const own = this.#own;
    const { slabs } = this.#pages;
    const slotCount = this.#slotCount;
    for (let slot = homeOf(tag, slotCount); ; slot = slot + 1 === slotCount ? 0 : slot + 1) {
      const page = own[slot >>> PAGE_BITS] as number;
      const slab = slabs[page >>> SLAB_BITS] as Uint16Array;
      const at = placeOf(page, slot);
      const row = rowAt(slab, at);
      if (row === NO_ROW) return undefined;
      if (slab[at] === tag && isIt(row)) return row;
    }
  }

  add(tag: number, row: number): void {
    if (this.#count + 1 > this.#slotCount * LOAD_MAX) this.#grow();
    this.#put(tag, row);
    this.#count++;
  }

  #put(tag: number, row: number): void {
    const own = this.#own;
    const { slabs } = this.#pages;
    const slotCount = this.#slotCount;
    for (let slot = homeOf(tag, slotCount); ; slot = slot + 1 === slotCount ? 0 : slot + 1) {
      const page = own[slot >>> PAGE_BITS] as number;
      const slab = slabs[page >>> SLAB_BITS] as Uint16Array;
      const at = placeOf(page, slot);
      if (rowAt(slab, at) !== NO_ROW) continue;
      slab[at] = tag;
      slab[at + 1] = row >>> 16;
      // The upper half is cut off.
      slab[at + 2] = row;
      return;
    }
  }

  #grow(): void {
    const own = this.#own;
    const { slabs } = this.#pages;
    const length = this.#slotCount * SLOT;
    if (this.#pages.scratch.length < length) this.#pages.scratch = new Uint16Array(length * 2);
    const { scratch } = this.#pages;
    for (let index = 0; index < own.length; index++) {
      const page = own[index] as number;
      const at = placeOf(page, 0);
      const slots = (slabs[page >>> SLAB_BITS] as Uint16Array).subarray(at, at + SLOTS_PER_PAGE * SLOT);
      scratch.set(slots, index * SLOTS_PER_PAGE * SLOT);
      slots.fill(0);
    }
    for (let more = Math.max(1, own.length >>> GROWTH_SHIFT); more > 0; more--) own.push(this.#pages.take());
    this.#slotCount = own.length * SLOTS_PER_PAGE;
    for (let at = 0; at < length; at += SLOT) {
      const row = rowAt(scratch, at);
      if (row !== NO_ROW) this.#put(scratch[at] as number, row);
    }
  }
}

/** Where a tag is looked for first. It grows with the tag, so that a segment of any size is filled evenly. */
function homeOf(tag: number, slotCount: number): number {
  return Math.floor((tag / TAGS) * slotCount);
}

/** Where a slot lies in the slab of its page. */
function placeOf(page: number, slot: number): number {
  return ((page & (PAGES_PER_SLAB - 1)) * SLOTS_PER_PAGE + (slot & (SLOTS_PER_PAGE - 1))) * SLOT;
}

function rowAt(slots: Uint16Array, at: number): number {
  return (((slots[at + 1] as number) << 16) | (slots[at + 2] as number)) >>> 0;
}
