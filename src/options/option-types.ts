import type { Outcome } from '../domain/outcome.ts';
import type { Rate } from '../domain/rate.ts';
import type { Shard } from '../domain/shard.ts';
import type { DeletesMax } from '../run/run-options.ts';
import type { FormOptions } from '../read/source.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
export type ProgressKind = 'auto' | 'bar' | 'log' | 'none';

/** What the options amount to once flags, environment and defaults are put together. */
export interface OptionValues {
  readonly accountId: string | undefined;
  readonly baseUrl: string | undefined;
  readonly batchBaseUrl: string;
  readonly format: FormOptions['format'];
  readonly column: string | undefined;
  readonly noHeader: boolean;
  readonly delimiter: string | undefined;
  readonly deliveryUrls: boolean;
  readonly shard: Shard | undefined;
  readonly exclude: readonly string[];
  readonly allowEmptyExclude: boolean;
  readonly checkpoint: string | undefined;
  readonly report: string | undefined;
  readonly keep: number;
  readonly supersede: boolean;
  readonly maxAge: number;
  readonly allowNetworkCheckpoint: boolean;
  /** `undefined`: the default of the lanes that delete. */
  readonly rate: Rate | undefined;
  readonly reserve: number;
  readonly batchTokens: number;
  readonly quotaRedis: string | undefined;
  /** `undefined`: as many as the lanes want. */
  readonly concurrency: number | undefined;
  readonly maxAttempts: number;
  readonly timeout: number;
  readonly giveUpAfter: number;
  readonly maxDuration: number;
  readonly limit: number;
  readonly minIds: number;
  readonly maxDeletes: DeletesMax;
  readonly maxFailures: number;
  readonly strict: boolean;
  readonly failOnAbsent: boolean;
  readonly expectAbsent: boolean;
  readonly retryFailed: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly progress: ProgressKind;
  readonly logLevel: LogLevel;
  readonly logFile: string | undefined;
  readonly json: boolean;
  readonly reportFormat: 'ndjson' | 'csv';
  readonly outcome: readonly Outcome[] | undefined;
  readonly output: string | undefined;
  readonly port: number;
  readonly images: string;
  readonly quota: Rate;
  readonly block: number;
  readonly faults: number;
  readonly latency: number;
  readonly seed: number;
  readonly record: string | undefined;
}

export type OptionKey = keyof OptionValues;
