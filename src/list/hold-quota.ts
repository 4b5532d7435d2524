import { pid } from 'node:process';

import { lockAccount } from '../checkpoint/file/account-lock.ts';
import { EXIT, UserError } from '../domain/errors.ts';
import type { Observer } from '../observe/events.ts';
import type { ReadOptions } from './connect-to-read.ts';

/**
 * Holds the account's own quota for this machine, as a purge does: two commands that each keep to `--rate` use twice of it together. So
 * a list needs no record of what the run before it has used either: runs come one after the other, and each spaces its requests evenly.
 *
 * @param command - its name, for who is refused meanwhile
 * @throws `UserError` (exit 6) where another run holds it
 */
export function holdQuota({ api, pace }: Pick<ReadOptions, 'api' | 'pace'>, command: string, observer: Observer): Disposable {
  if (pace.quotaRedisUrl !== undefined) return { [Symbol.dispose]: () => undefined };
  try {
    const lock = lockAccount(api, { pid, checkpointPath: undefined, command }, pace.mayRunInParallel);
    return { [Symbol.dispose]: () => lock?.release() };
  } catch (error) {
    if (error instanceof UserError && error.exitCode === EXIT.locked) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const message = `it cannot be told whether another run on this machine uses the quota of the same account (${why})`;
    observer.event({ kind: 'warning', code: 'ACCOUNT_NOT_LOCKED', message });
    return { [Symbol.dispose]: () => undefined };
  }
}
