import { pid } from 'node:process';

import { lockAccount } from '../checkpoint/file/account-lock.ts';
import type { ReadOptions } from '../connect/connect-to-read.ts';
import type { Observer } from '../observe/events.ts';
import { accountNotLocked } from '../run/account-not-locked.ts';

/**
 * Holds the account's own quota for this machine, as a purge does: two commands that each keep to `--rate` use twice of it together. So
 * a list needs no record of what the run before it has used either: runs come one after the other, and each spaces its requests evenly.
 *
 * @param command - its name, for who is refused meanwhile
 * @throws `UserError` (exit 6) where another run holds it
 */
export function holdQuota({ api, pace }: Pick<ReadOptions, 'api' | 'pace'>, command: string, observer: Observer): Disposable {
  if (pace.quotaRedisUrl !== undefined) return { [Symbol.dispose]: () => undefined };
  const { lock, whyNot } = lockAccount(api, { pid, checkpointPath: undefined, command }, pace.mayRunInParallel);
  if (whyNot !== undefined) observer.event(accountNotLocked(whyNot));
  return { [Symbol.dispose]: () => lock?.release() };
}
