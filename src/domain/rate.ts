/** Requests allowed in a time: `1200/5m` is `{requests: 1200, perMs: 300000}`. */
export type Rate = { readonly kind: 'limited'; readonly requests: number; readonly perMs: number } | { readonly kind: 'unlimited' };

/** One process's part of a rate that `count` processes share; there must be at least as many requests. The parts add up to the rate. */
export function shareOfRate(rate: Rate, index: number, count: number): Rate {
  if (rate.kind === 'unlimited' || count === 1) return rate;
  return { ...rate, requests: Math.floor(rate.requests / count) + (index < rate.requests % count ? 1 : 0) };
}

/** Requests a second that a rate allows on average; `Infinity` where unlimited. */
export function requestsPerSecond(rate: Rate): number {
  return rate.kind === 'unlimited' ? Infinity : (rate.requests * 1000) / rate.perMs;
}
