import { usageError } from '../domain/errors.ts';
import { formatCount, formatDuration } from '../text/format.ts';
import { type Rate, shareOfRate } from '../domain/rate.ts';
import type { Shard } from '../domain/shard.ts';
import type { PaceOptions } from '../run/run-options.ts';

/** The account's rate divided among the shards, unless they share it through Redis; batch tokens are each process's own. */
export function paceOfShard(pace: PaceOptions, shard: Shard | null): PaceOptions {
  if (shard === null) return pace;
  if (pace.quotaRedisUrl !== undefined) return { ...pace, processCountMin: shard.count };
  refuseTooFewRequests(pace.accountRate, shard);
  const accountRate = shareOfRate(pace.accountRate, shard.index, shard.count);
  return { ...pace, accountRate, rate: pace.batchTokenCount > 0 ? pace.rate : accountRate };
}

/** A longer window with one request for each shard would keep the rate on average, but all shards could send at once. */
function refuseTooFewRequests(rate: Rate, { count }: Shard): void {
  if (rate.kind === 'unlimited' || rate.requests >= count) return;
  const times = Math.ceil(count / rate.requests);
  throw usageError(
    'SHARD_RATE',
    `${formatCount(rate.requests)} in ${formatDuration(rate.perMs)} cannot be divided among ${formatCount(count)} shards`,
    `Give the rate for a longer time; this is no faster: --rate ${rate.requests * times}/${rate.perMs * times}ms`,
  );
}
