import type { Clock } from '../../src/domain/clock.ts';
import type { Spacer } from '../../src/pace/spacer.ts';

interface Event {
  readonly atMs: number;
  /** Of two events at one instant the one planned first comes first. */
  readonly order: number;
  readonly happen: () => void;
}

/** Enough turns for what an event sets off in the code under simulation to come to rest. */
const MICROTASK_TURNS = 12;

/** Time that passes from event to event. */
export class VirtualTime {
  #nowMs = 0;
  #order = 0;
  readonly #heap: Event[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, happen: () => void): void {
    const event = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, happen };
    this.#heap.push(event);
    for (let at = this.#heap.length - 1; at > 0;) {
      const parent = (at - 1) >>> 1;
      if (!this.#isBefore(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** Lets everything planned until then happen, each at its own time. */
  async runUntil(endMs: number): Promise<void> {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= endMs; next = this.#heap[0]) {
      this.#takeFirst();
      this.#nowMs = next.atMs;
      next.happen();
      for (let turn = 0; turn < MICROTASK_TURNS; turn++) await Promise.resolve();
    }
    this.#nowMs = endMs;
  }

  #takeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let at = 0; ;) {
      const children = [2 * at + 1, 2 * at + 2].filter((child) => child < this.#heap.length);
      const least = children.reduce((best, child) => (this.#isBefore(child, best) ? child : best), at);
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, two] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || two === undefined) return false;
    return one.atMs < two.atMs || (one.atMs === two.atMs && one.order < two.order);
  }

  #swap(a: number, b: number): void {
    const [one, two] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || two === undefined) return;
    this.#heap[a] = two;
    this.#heap[b] = one;
  }
}

/**
 * A machine's clock over the true time.
 *
 * @param drift - its seconds are longer by this share
 * @param wallOffsetMs - how far its time of day is off
 */
export function machineClock(time: VirtualTime, drift: number, wallOffsetMs: number): Clock {
  const START_WALL_MS = Date.UTC(2026, 10, 24);
  return {
    monotonicMs: () => time.nowMs / (1 + drift),
    wallMs: () => START_WALL_MS + wallOffsetMs + time.nowMs,
    boot: () => undefined,
    sleep(ms, signal) {
      if (signal?.aborted === true) return Promise.resolve();
      return new Promise((resolve) => {
        signal?.addEventListener('abort', () => resolve(), { once: true });
        time.at(time.nowMs + Math.max(ms, 0) * (1 + drift), resolve);
      });
    },
  };
}

/** What Bottleneck does with `minTime`, in virtual time: one batch an interval, ideal times kept. */
export function virtualSpacer(clock: Clock, intervalMs: number): Spacer {
  let nextMs = -Infinity;
  return {
    async next() {
      const dueMs = Math.max(nextMs, clock.monotonicMs());
      nextMs = dueMs + intervalMs;
      if (dueMs > clock.monotonicMs()) await clock.sleep(dueMs - clock.monotonicMs());
    },
    setIntervalMs: (ms) => void (intervalMs = ms),
    close: () => Promise.resolve(),
  };
}
