/** Of a hash of 32 bits, the first choose the segment, and those behind them tell its rows apart. */
const SEGMENT_BITS = 12;
const TAG_BITS = 16;
const TAGS = 2 ** TAG_BITS;
const UNUSED_BITS = 32 - SEGMENT_BITS - TAG_BITS;
/** A slot is a tag and the two halves of a row's number. It is free where the number is 0, which no row has. */
const SLOT = 3;
const SLOTS_MIN = 8;
/** Fuller than this, a segment is made larger. Each is made larger by itself, so that no moment needs twice the memory. */
const LOAD_MAX = 0.85;
const GROWTH = 1.25;
const NO_ROW = 0;

/** Open addressing with linear probing. */
class Segment {
  #slots: Uint16Array<ArrayBuffer> = new Uint16Array(SLOT * SLOTS_MIN);
  #count = 0;

  find(tag: number, isIt: (row: number) => boolean): number | undefined {
    const slots = this.#slots;
    for (let at = homeOf(tag, slots.length); ; at = at + SLOT === slots.length ? 0 : at + SLOT) {
      const row = rowAt(slots, at);
      if (row === NO_ROW) return undefined;
      if (slots[at] === tag && isIt(row)) return row;
    }
  }

  add(tag: number, row: number): void {
    if (SLOT * (this.#count + 1) > this.#slots.length * LOAD_MAX) this.#grow();
    this.#put(tag, row);
    this.#count++;
  }

  #put(tag: number, row: number): void {
    const slots = this.#slots;
    let at = homeOf(tag, slots.length);
    while (rowAt(slots, at) !== NO_ROW) at = at + SLOT === slots.length ? 0 : at + SLOT;
    slots[at] = tag;
    slots[at + 1] = row >>> 16;
    // The upper half is cut off.
    slots[at + 2] = row;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint16Array(SLOT * Math.ceil((before.length / SLOT) * GROWTH));
    for (let at = 0; at < before.length; at += SLOT) {
      const row = rowAt(before, at);
      if (row !== NO_ROW) this.#put(before[at] ?? 0, row);
    }
    // Given back at once: the garbage collector would keep as much again for a while.
    before.buffer.transfer(0);
  }
}

function rowAt(slots: Uint16Array, at: number): number {
  return (((slots[at + 1] ?? 0) << 16) | (slots[at + 2] ?? 0)) >>> 0;
}

/** Where a tag is looked for first. It grows with the tag, so that a segment of any size is filled evenly. */
function homeOf(tag: number, length: number): number {
  return SLOT * Math.floor((tag / TAGS) * (length / SLOT));
}

/**
 * A set of row numbers, found again by the hash of what lies in the row: seven bytes a row. A B-tree of random keys in the file takes
 * thirty, and reading ten million IDs took eight times as long with it, most of that to insert into it.
 *
 * Two keys may have one hash; of ten million, one in thirty meets another's. So the row that is found is a guess, which the caller
 * looks up in the file. No row that was added is ever passed over.
 */
export class RowTable {
  readonly #segments: (Segment | undefined)[] = Array.from({ length: 2 ** SEGMENT_BITS });

  /** @param isIt - whether it is the row that is looked for; asked of each row with this hash until it is */
  find(hash: number, isIt: (row: number) => boolean): number | undefined {
    return this.#segments[segmentOf(hash)]?.find(tagOf(hash), isIt);
  }

  /** @param row - 1 to 2³² − 1 */
  add(hash: number, row: number): void {
    (this.#segments[segmentOf(hash)] ??= new Segment()).add(tagOf(hash), row);
  }
}

function segmentOf(hash: number): number {
  return hash >>> (32 - SEGMENT_BITS);
}

function tagOf(hash: number): number {
  return (hash >>> UNUSED_BITS) & (TAGS - 1);
}
