/** What a lane has actually sent recently; used only when a lane without a rate is throttled. */
export interface RecentRate {
  add(nowMs: number): void;
  perSecond(nowMs: number): number;
}

const SPAN_MS = 1_000;

/** Counts in two spans: the current one and the one before it. */
export function createRecentRate(): RecentRate {
  let spanStartMs = -Infinity;
  let current = 0;
  let previous = 0;
  const roll = (nowMs: number): void => {
    if (nowMs - spanStartMs < SPAN_MS) return;
    previous = nowMs - spanStartMs < 2 * SPAN_MS ? current : 0;
    current = 0;
    spanStartMs = nowMs;
  };
  return {
    add(nowMs) {
      roll(nowMs);
      current++;
    },
    perSecond(nowMs) {
      roll(nowMs);
      return Math.max(previous, current);
    },
  };
}
