/** Removed times are cut off only when there are this many, because cutting moves all times that stay. */
const REMOVED_MAX = 1_000;

/** When our own requests were sent, the oldest first, until their places in the quota come back. */
export class SentTimes {
  readonly #times: number[] = [];
  #start = 0;

  push(atMs: number): void {
    this.#times.push(atMs);
  }

  /** The n-th oldest, from 0; `Infinity` if there are fewer. */
  at(index: number): number {
    return this.#times[this.#start + index] ?? Infinity;
  }

  /** Removes those up to a time. Returns how many it removed. */
  forgetUntil(atMs: number): number {
    const startBefore = this.#start;
    while (this.at(0) <= atMs) this.#start++;
    const count = this.#start - startBefore;
    if (this.#start >= REMOVED_MAX) {
      this.#times.splice(0, this.#start);
      this.#start = 0;
    }
    return count;
  }
}
