import type { Clock } from '../domain/clock.ts';

/** Items that wait until they are due, with one timer for all of them. */
export interface DelayQueue<T> {
  readonly size: number;
  add(item: T, delayMs: number): void;
  /** Removes and returns everything that still waits. */
  drain(): T[];
}

interface Waiting<T> {
  readonly item: T;
  readonly dueMs: number;
}

/**
 * @param onDue - called once for each item, when it is due
 * @param halt - ends the waiting; items then stay until they are drained
 */
export function createDelayQueue<T>(clock: Clock, onDue: (item: T) => void, halt: AbortSignal): DelayQueue<T> {
  /** The next one due is last, so that taking it is cheap. */
  const waiting: Waiting<T>[] = [];
  let sleeping: AbortController | undefined;

  function positionFor(dueMs: number): number {
    let low = 0;
    let high = waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((waiting[middle]?.dueMs ?? 0) > dueMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async function watch(): Promise<void> {
    for (;;) {
      const soonest = waiting.at(-1);
      if (soonest === undefined || halt.aborted) return;
      const leftMs = soonest.dueMs - clock.monotonicMs();
      if (leftMs <= 0) {
        waiting.pop();
        onDue(soonest.item);
        continue;
      }
      sleeping = new AbortController();
      await clock.sleep(leftMs, sleeping.signal);
      sleeping = undefined;
    }
  }

  let watching: Promise<void> | undefined;
  function ensureWatching(): void {
    watching ??= watch().finally(() => (watching = undefined));
  }
  halt.addEventListener('abort', () => sleeping?.abort(), { once: true });

  return {
    get size() {
      return waiting.length;
    },
    add(item, delayMs) {
      const dueMs = clock.monotonicMs() + delayMs;
      const position = positionFor(dueMs);
      waiting.splice(position, 0, { item, dueMs });
      if (position === waiting.length - 1) sleeping?.abort();
      ensureWatching();
    },
    drain() {
      const items = waiting.map(({ item }) => item);
      waiting.length = 0;
      sleeping?.abort();
      return items;
    },
  };
}
