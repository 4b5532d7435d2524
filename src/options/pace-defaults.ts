import { requestsPerSecond, type Rate } from '../domain/rate.ts';
import type { PaceOptions } from '../run/run-options.ts';
import type { OptionValues } from './option-table.ts';

/** A sixth of the account's quota stays for people and other tools. */
const ACCOUNT_RATE: Rate = { kind: 'limited', requests: 1_000, perMs: 300_000 };
const BATCH_LANE_RATE: Rate = { kind: 'limited', requests: 200, perMs: 1_000 };
/** Requests in flight, over all lanes. */
const CONCURRENCY = 16;
const CONCURRENCY_FOR_EACH_TOKEN = 64;

/** How fast, how long, how stubbornly: the same for `delete` and `resume`. */
export function paceOptions(values: OptionValues, quotaRedis: string | undefined): PaceOptions {
  const { batchTokens } = values;
  const isBatch = batchTokens > 0;
  const rate = values.rate ?? (isBatch ? BATCH_LANE_RATE : ACCOUNT_RATE);
  return {
    rate,
    // With batch tokens, `--rate` is theirs; the account's own lane then only fetches them, and at most at its usual pace.
    accountRate: isBatch && requestsPerSecond(rate) > requestsPerSecond(ACCOUNT_RATE) ? ACCOUNT_RATE : rate,
    reserveShare: values.reserve / 100,
    batchTokenCount: batchTokens,
    quotaRedisUrl: quotaRedis,
    mayRunInParallel: values.allowParallel,
    processCountMin: 1,
    concurrency: values.concurrency ?? (isBatch ? batchTokens * CONCURRENCY_FOR_EACH_TOKEN : CONCURRENCY),
    attemptsMax: values.maxAttempts,
    requestTimeoutMs: values.timeout,
    giveUpAfterMs: values.giveUpAfter,
    runDurationMsMax: values.maxDuration,
    sendCountMax: values.limit,
    failureCountMax: values.maxFailures,
    absentMax: values.maxAbsent,
  };
}
