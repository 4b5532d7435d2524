import type { PaceOptions } from '../purge/options.ts';
import type { OptionValues } from './option-table.ts';

/** How fast, how long, how stubbornly: the same for `delete` and `resume`. */
export function paceOptions(values: OptionValues): PaceOptions {
  return {
    rate: values.rate,
    concurrency: values.concurrency,
    attemptsMax: values.maxAttempts,
    requestTimeoutMs: values.timeout,
    giveUpAfterMs: values.giveUpAfter,
    runDurationMsMax: values.maxDuration,
    sendCountMax: values.limit,
    failureCountMax: values.maxFailures,
  };
}
