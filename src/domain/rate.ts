/** Requests allowed in a time: `1200/5m` is `{requests: 1200, perMs: 300000}`. */
export type Rate = { readonly kind: 'limited'; readonly requests: number; readonly perMs: number } | { readonly kind: 'unlimited' };

/** Requests a second that a rate allows on average; `Infinity` where unlimited. */
export function requestsPerSecond(rate: Rate): number {
  return rate.kind === 'unlimited' ? Infinity : (rate.requests * 1000) / rate.perMs;
}
