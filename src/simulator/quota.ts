import type { SimulatedQuota } from './simulator-options.ts';

/** Counts requests against a quota. */
export interface QuotaCounter {
  /** Milliseconds until the next request would pass; 0 where this one did and was counted. */
  take(nowMs: number): number;
  readonly left: number;
}

export function createQuota(quota: SimulatedQuota): QuotaCounter {
  const counter = quota.kind === 'fixed' ? fixedWindow(quota) : quota.kind === 'sliding' ? slidingWindow(quota) : tokenBucket(quota);
  let blockedUntilMs = -Infinity;
  return {
    get left() {
      return counter.left;
    },
    take(nowMs) {
      if (nowMs < blockedUntilMs) return blockedUntilMs - nowMs;
      const waitMs = counter.take(nowMs);
      if (waitMs === 0 || quota.blockMs === 0) return waitMs;
      blockedUntilMs = nowMs + quota.blockMs;
      return quota.blockMs;
    },
  };
}

/** No quota at all. */
export const UNLIMITED: QuotaCounter = { take: () => 0, left: Infinity };

function fixedWindow({ requests, windowMs }: SimulatedQuota): QuotaCounter {
  let windowStartMs = -Infinity;
  let left = requests;
  return {
    get left() {
      return left;
    },
    take(nowMs) {
      if (nowMs - windowStartMs >= windowMs) {
        windowStartMs = nowMs;
        left = requests;
      }
      if (left === 0) return windowStartMs + windowMs - nowMs;
      left--;
      return 0;
    },
  };
}

function slidingWindow({ requests, windowMs }: SimulatedQuota): QuotaCounter {
  const times: number[] = [];
  return {
    get left() {
      return requests - times.length;
    },
    take(nowMs) {
      while (times[0] !== undefined && times[0] <= nowMs - windowMs) times.shift();
      if (times.length >= requests) return (times[0] ?? nowMs) + windowMs - nowMs;
      times.push(nowMs);
      return 0;
    },
  };
}

function tokenBucket({ requests, windowMs, burst }: SimulatedQuota): QuotaCounter {
  const perMs = requests / windowMs;
  let tokens = burst;
  let lastMs: number | undefined;
  return {
    get left() {
      return Math.floor(tokens);
    },
    take(nowMs) {
      tokens = Math.min(burst, tokens + (nowMs - (lastMs ?? nowMs)) * perMs);
      lastMs = nowMs;
      if (tokens < 1) return (1 - tokens) / perMs;
      tokens--;
      return 0;
    },
  };
}
