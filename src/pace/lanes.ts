import type { Lane, LaneState, Permit } from './types.ts';

/** All lanes of a run: work goes to whichever has a permit. */
export interface Lanes {
  tryTake(): Permit | undefined;
  /** Resolves when `tryTake` is worth another try on one of them, or when `signal` aborts. */
  whenFree(signal: AbortSignal): Promise<void>;
  states(): LaneState[];
  close(): Promise<void>;
}

export function createLanes(lanes: readonly Lane[]): Lanes {
  let first = 0;
  return {
    tryTake() {
      for (let offset = 0; offset < lanes.length; offset++) {
        const index = (first + offset) % lanes.length;
        const permit = lanes[index]?.tryTake();
        if (permit === undefined) continue;
        // The next one goes first next time, so that equal lanes are used alike.
        first = (index + 1) % lanes.length;
        return permit;
      }
      return undefined;
    },
    async whenFree(signal) {
      const [only] = lanes;
      if (lanes.length === 1 && only !== undefined) return only.whenFree(signal);
      const enough = new AbortController();
      const stop = (): void => enough.abort();
      signal.addEventListener('abort', stop, { once: true });
      await Promise.race(lanes.map((lane) => lane.whenFree(enough.signal)));
      signal.removeEventListener('abort', stop);
      enough.abort();
    },
    states: () => lanes.map((lane) => lane.state()),
    async close() {
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}
