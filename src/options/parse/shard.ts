import { usageError } from '../../domain/errors.ts';
import type { Shard } from '../../domain/shard.ts';
import type { Env } from '../env.ts';

export const SHARD_COUNT_MAX = 100_000;

/** `0/4` is the first of four shards. */
export function parseShard(text: string, label: string): Shard {
  const [, index = '', count = ''] = /^(\d{1,6})\s*\/\s*(\d{1,6})$/.exec(text.trim()) ?? [];
  return checked(
    index === '' ? Number.NaN : Number(index),
    Number(count),
    `${label} must be I/N with I from 0 to N - 1, got ${JSON.stringify(text)}`,
  );
}

/**
 * The shard that a Kubernetes Indexed Job gives each of its pods: `JOB_COMPLETION_INDEX` of `IMAGES_PURGE_SHARDS`.
 *
 * @returns `undefined` where the environment asks for none
 */
export function shardFromJob(env: Env): Shard | undefined {
  const shards = (env['IMAGES_PURGE_SHARDS'] ?? '').trim();
  if (shards === '') return undefined;
  const index = (env['JOB_COMPLETION_INDEX'] ?? '').trim();
  if (index === '')
    throw usageError(
      'SHARD_INDEX_MISSING',
      'IMAGES_PURGE_SHARDS is set, but JOB_COMPLETION_INDEX is not',
      'Run it in a Kubernetes Indexed Job, or say which shard this is: --shard I/N',
    );
  const isDigits = /^\d{1,6}$/.test(index) && /^\d{1,6}$/.test(shards);
  return checked(
    isDigits ? Number(index) : Number.NaN,
    Number(shards),
    `JOB_COMPLETION_INDEX must be from 0 to IMAGES_PURGE_SHARDS - 1, got ${JSON.stringify(index)} of ${JSON.stringify(shards)}`,
  );
}

function checked(index: number, count: number, message: string): Shard {
  if (index >= 0 && index < count && count <= SHARD_COUNT_MAX) return { index, count };
  throw usageError('OPTION_VALUE', message, `Example: --shard 0/4 is the first of four; at most ${SHARD_COUNT_MAX}`);
}
