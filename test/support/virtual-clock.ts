import type { Clock } from '../../src/domain/clock.ts';
import type { Spacer } from '../../src/pace/spacer.ts';

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** Enough turns for any chain of promises in the code under test to come to rest. */
const MICROTASK_TURNS = 50;

/** Lets everything go on that waits for nothing but its turn. */
export async function flushMicrotasks(): Promise<void> {
  for (let turn = 0; turn < MICROTASK_TURNS; turn++) await Promise.resolve();
}

/** Time that passes only in `advance`; sleepers wake in the order of their times. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #sleepers: Sleeper[] = [];
  /** Added to the time that people read; set it to make the wall clock jump. */
  wallOffsetMs: number = Date.UTC(2026, 10, 24, 2);

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.wallOffsetMs + this.#nowMs;
  }

  /** Which boot this is, and how long ago it began when the test did. */
  booted: { id: string; uptimeMs: number } | undefined = { id: 'one boot', uptimeMs: 1_000_000 };

  boot(): { id: string; uptimeMs: number } | undefined {
    return this.booted === undefined ? undefined : { ...this.booted, uptimeMs: this.booted.uptimeMs + this.#nowMs };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        dueMs: this.#nowMs + Math.max(ms, 0),
        wake: () => {
          signal?.removeEventListener('abort', sleeper.wake);
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
          resolve();
        },
      };
      const position = this.#sleepers.findIndex((other) => other.dueMs > sleeper.dueMs);
      this.#sleepers.splice(position === -1 ? this.#sleepers.length : position, 0, sleeper);
      signal?.addEventListener('abort', sleeper.wake, { once: true });
    });
  }

  /** Lets `ms` pass: wakes who is due, each at its own time, and lets what follows from it happen before the next. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await flushMicrotasks();
    for (let next = this.#sleepers[0]; next !== undefined && next.dueMs <= endMs; next = this.#sleepers[0]) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.wake();
      await flushMicrotasks();
    }
    this.#nowMs = endMs;
  }

  /** How long the next sleeper still sleeps; `undefined` where nobody does. */
  get nextWakeInMs(): number | undefined {
    const [next] = this.#sleepers;
    return next === undefined ? undefined : next.dueMs - this.#nowMs;
  }

  get sleeperCount(): number {
    return this.#sleepers.length;
  }
}

/** The spacing that `createBottleneckSpacer` promises, in virtual time. */
export function createVirtualSpacer(clock: VirtualClock, intervalMs: number): Spacer {
  const closed = new AbortController();
  let nextMs = -Infinity;
  return {
    async next() {
      const dueMs = Math.max(nextMs, clock.monotonicMs());
      nextMs = dueMs + intervalMs;
      if (dueMs > clock.monotonicMs()) await clock.sleep(dueMs - clock.monotonicMs(), closed.signal);
      if (closed.signal.aborted) throw new Error('the spacer was closed');
    },
    setIntervalMs: (ms) => void (intervalMs = ms),
    close: async () => closed.abort(),
  };
}
