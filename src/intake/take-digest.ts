import type { Ledger } from '../ledger/ledger.ts';

/** Takes the digest of a list that was read to its end; a run that ends before leaves it to the next one. */
export async function takeDigest(ledger: Ledger, halt: AbortSignal): Promise<void> {
  for (let isMore = true; isMore && !halt.aborted;) isMore = await ledger.ask('digestSome');
}
