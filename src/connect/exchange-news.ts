import type { Exchange } from '../cloudflare/types.ts';
import { parseRatelimit } from '../pace/quota/ratelimit-headers.ts';
import type { Permit } from '../pace/types.ts';

/** Tells a lane that its request has ended, and what the answer's headers say of the account's quota. */
export function noteExchange(permit: Permit, exchange: Exchange): void {
  const { lane } = permit;
  lane.settled(permit, exchange.kind === 'answer');
  // A batch token has a quota of its own, known beforehand; what is told there may be the account's.
  if (exchange.kind === 'no-answer' || lane.name !== 'account' || exchange.ratelimit === undefined) return;
  lane.told(permit, parseRatelimit(exchange.ratelimit, exchange.ratelimitPolicy));
}
