/** Answers a second over the last few seconds. */
export interface RateMeter {
  add(count: number): void;
  perSecond(): number;
}

const WINDOW_MS = 10_000;
const SLOTS = 20;

/** @param nowMs - monotonic */
export function createRateMeter(nowMs: () => number): RateMeter {
  const startedMs = nowMs();
  const slotMs = WINDOW_MS / SLOTS;
  const counts = Array.from({ length: SLOTS }, () => 0);
  let slot = 0;

  function roll(): void {
    const current = Math.floor((nowMs() - startedMs) / slotMs);
    for (const last = Math.max(slot, current - SLOTS); slot < current; ) {
      slot = Math.max(slot, last) + 1;
      counts[slot % SLOTS] = 0;
    }
  }

  return {
    add(count) {
      roll();
      counts[slot % SLOTS] = (counts[slot % SLOTS] ?? 0) + count;
    },
    perSecond() {
      roll();
      const spanMs = Math.min(nowMs() - startedMs, WINDOW_MS - slotMs + ((nowMs() - startedMs) % slotMs));
      return spanMs <= 0 ? 0 : (counts.reduce((sum, count) => sum + count, 0) * 1000) / spanMs;
    },
  };
}
