/** Requests allowed in a time: `1200/5m` is `{requests: 1200, perMs: 300000}`. */
export type Rate = { readonly kind: 'limited'; readonly requests: number; readonly perMs: number } | { readonly kind: 'unlimited' };

/** One process's part of a rate that `count` of them share; the parts add up to the rate, never to more. */
export function shareOfRate(rate: Rate, index: number, count: number): Rate {
  if (rate.kind === 'unlimited' || count === 1) return rate;
  const requests = Math.floor(rate.requests / count) + (index < rate.requests % count ? 1 : 0);
  // Fewer requests than processes: each has one, in a window so much longer.
  return rate.requests >= count ? { ...rate, requests } : { kind: 'limited', requests: 1, perMs: Math.ceil((rate.perMs * count) / rate.requests) };
}

/** Requests a second that a rate allows on average; `Infinity` where unlimited. */
export function requestsPerSecond(rate: Rate): number {
  return rate.kind === 'unlimited' ? Infinity : (rate.requests * 1000) / rate.perMs;
}
