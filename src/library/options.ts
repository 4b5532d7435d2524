import { OPTION_TABLE } from '../options/option-table.ts';
import type { OptionKey } from '../options/option-types.ts';
import type { FlagTexts } from '../options/option-values.ts';
import { usageError } from '../domain/errors.ts';

/** The options of `images-purge delete` that a program may give, written as on the command line. */
export interface PurgeOptionTexts {
  readonly baseUrl?: string;
  /** Default: beside the checkpoint. */
  readonly report?: string;
  /** `1000/5m`, `200/s`, `unlimited` */
  readonly rate?: string;
  /** `10%` */
  readonly reserve?: string;
  readonly batchTokens?: number;
  readonly batchBaseUrl?: string;
  /** `redis://redis.internal:6379`; without a password. */
  readonly quotaRedis?: string;
  readonly concurrency?: number;
  readonly maxAttempts?: number;
  /** `30s` */
  readonly timeout?: string;
  readonly giveUpAfter?: string;
  readonly maxDuration?: string;
  readonly limit?: number;
  readonly minIds?: number;
  /** A number, or a share such as `25%`. */
  readonly maxDeletes?: number | string;
  readonly maxFailures?: number;
  /** Files of IDs that must not be deleted. */
  readonly exclude?: readonly string[];
  readonly allowEmptyExclude?: boolean;
  readonly deliveryUrls?: boolean;
  /** `0/4`: only the first of four shards. */
  readonly shard?: string;
  readonly strict?: boolean;
  readonly failOnAbsent?: boolean;
  readonly expectAbsent?: boolean;
  readonly supersede?: boolean;
  readonly keep?: number;
  readonly maxAge?: string;
  readonly allowNetworkCheckpoint?: boolean;
  readonly dryRun?: boolean;
}

const KEYS: readonly OptionKey[] = [
  'accountId',
  'checkpoint',
  'baseUrl',
  'report',
  'batchBaseUrl',
  'rate',
  'reserve',
  'batchTokens',
  'quotaRedis',
  'concurrency',
  'maxAttempts',
  'timeout',
  'giveUpAfter',
  'maxDuration',
  'limit',
  'minIds',
  'maxDeletes',
  'maxFailures',
  'exclude',
  'allowEmptyExclude',
  'deliveryUrls',
  'shard',
  'strict',
  'failOnAbsent',
  'expectAbsent',
  'supersede',
  'keep',
  'maxAge',
  'allowNetworkCheckpoint',
  'dryRun',
];
const NOT_OPTIONS: readonly string[] = ['ids', 'credentials', 'signal', 'onProgress', 'onEvent'];

/** A program's options as flags, so that one table checks them and gives the defaults. */
export function libraryFlags(options: object): FlagTexts {
  const flags = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined || NOT_OPTIONS.includes(key)) continue;
    const known = KEYS.find((name) => name === key);
    if (known === undefined) throw usageError('OPTION_UNKNOWN', `purge() knows no option ${key}`, `It knows: ${KEYS.join(', ')}.`);
    flags.set(
      OPTION_TABLE[known].name,
      (Array.isArray(value) ? value : [value]).map((one: unknown) => (typeof one === 'string' ? one : JSON.stringify(one))),
    );
  }
  for (const required of ['account-id', 'checkpoint']) {
    if (!flags.has(required))
      throw usageError('OPTION_MISSING', `purge() needs ${required === 'account-id' ? 'accountId' : required}`, 'Give it in the options.');
  }
  return flags;
}
