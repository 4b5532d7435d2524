import { ACCOUNT_OPTIONS } from '../../../options/definitions/account.ts';
import { LOG_OPTIONS } from '../../../options/definitions/output.ts';
import { keysOf, type OptionKey } from '../../../options/option-table.ts';

/** What every command takes that goes through the account's images and deletes none. */
export const READING_OPTIONS: readonly OptionKey[] = [
  ...keysOf(ACCOUNT_OPTIONS).filter((key) => key !== 'batchBaseUrl'),
  'rate',
  'reserve',
  'quotaRedis',
  'allowParallel',
  'maxAttempts',
  'timeout',
  'giveUpAfter',
  ...keysOf(LOG_OPTIONS),
  'json',
];
