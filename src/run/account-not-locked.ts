import type { PurgeEvent } from '../observe/events.ts';

/** The warning of a run that cannot hold its account on this machine, and works all the same. */
export function accountNotLocked(why: string): PurgeEvent {
  const message = `it cannot be told whether another run on this machine uses the quota of the same account (${why})`;
  return { kind: 'warning', code: 'ACCOUNT_NOT_LOCKED', message };
}
