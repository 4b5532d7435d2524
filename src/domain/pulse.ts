/** Wakes all that wait for "something may have changed". A change after the wait has begun is never missed. */
export class Pulse {
  #wake: () => void = () => undefined;
  #next: Promise<void> = new Promise((resolve) => (this.#wake = resolve));

  /** Resolves at the next {@link beat}. */
  next(): Promise<void> {
    return this.#next;
  }

  beat(): void {
    const wake = this.#wake;
    this.#next = new Promise((resolve) => (this.#wake = resolve));
    wake();
  }
}
