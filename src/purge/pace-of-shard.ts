import { shareOfRate } from '../domain/rate.ts';
import type { Shard } from '../domain/shard.ts';
import type { PaceOptions } from './options.ts';

/** The account's rate divided among the shards, unless they share it through Redis; batch tokens are each process's own. */
export function paceOfShard(pace: PaceOptions, shard: Shard | null): PaceOptions {
  if (shard === null) return pace;
  if (pace.quotaRedisUrl !== undefined) return { ...pace, processCountMin: shard.count };
  const accountRate = shareOfRate(pace.accountRate, shard.index, shard.count);
  return { ...pace, accountRate, rate: pace.batchTokenCount > 0 ? pace.rate : accountRate };
}
