import { hash } from 'node:crypto';

/** A SHA-256 as eight numbers of 32 bits. */
const LANE_COUNT = 8;
const LANE_BYTES = 4;
const DIGEST_CHARACTERS = 12;

/** Whose set it is: the same IDs of another account are another set. */
export interface SetOwner {
  readonly accountId: string;
  readonly baseUrl: string;
}

/**
 * Sums up a set of IDs so that their order does not matter and none has to be kept: the SHA-256 of each ID's UTF-8 text is
 * read as eight big-endian numbers of 32 bits, and each of the eight is added up modulo 2³². The caller sees to it that no
 * ID is added twice. `docs/digest.md` shows it to anybody who wants to compute a digest elsewhere.
 */
export class SetDigest {
  readonly #lanes: Uint32Array = new Uint32Array(LANE_COUNT);
  #count = 0;

  add(id: string): void {
    this.addHash(hash('sha256', id, 'buffer'), 0);
  }

  /** @param hashes - of several IDs (`checkpoint/intake/packed-ids.ts`) @param at - where that of the ID begins */
  addHash(hashes: Uint8Array, at: number): void {
    const view = new DataView(hashes.buffer, hashes.byteOffset + at);
    for (let lane = 0; lane < LANE_COUNT; lane++) {
      // What a lane cannot hold is cut off: that is the addition modulo 2³².
      this.#lanes[lane] = (this.#lanes[lane] ?? 0) + view.getUint32(lane * LANE_BYTES);
    }
    this.#count++;
  }

  get count(): number {
    return this.#count;
  }

  /** The first 12 hexadecimal digits of the SHA-256 of owner, count and sums, one a line. */
  toText({ accountId, baseUrl }: SetOwner): string {
    const sums = Array.from(this.#lanes, (lane) => lane.toString(16).padStart(2 * LANE_BYTES, '0')).join('');
    const text = [accountId.toLowerCase(), baseUrl, this.#count, sums].map((line) => `${line}\n`).join('');
    return hash('sha256', text, 'hex').slice(0, DIGEST_CHARACTERS);
  }
}
