/** The shortest recent latency. Whatever a request took longer than that, it may have spent on its way to the server. */
export interface LatencyFloor {
  add(latencyMs: number, nowMs: number): void;
  /** `Infinity` before the first answer. */
  readonly ms: number;
}

const SPAN_MS = 30_000;

export function createLatencyFloor(): LatencyFloor {
  let spanStartMs = -Infinity;
  let current = Infinity;
  let previous = Infinity;
  return {
    add(latencyMs, nowMs) {
      if (nowMs - spanStartMs >= SPAN_MS) {
        previous = current;
        current = Infinity;
        spanStartMs = nowMs;
      }
      current = Math.min(current, latencyMs);
    },
    get ms() {
      return Math.min(previous, current);
    },
  };
}
