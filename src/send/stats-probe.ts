import { statsQuestion } from '../connect/account-stats.ts';
import type { Connection } from '../connect/connection.ts';
import { askWithPermit, isRefused } from '../connect/paced-request.ts';
import type { Second } from '../connect/refusals.ts';
import type { Clock } from '../domain/clock.ts';
import type { RunCounters } from '../run/counters.ts';
import type { ProbeResult } from './outage-probing.ts';

export interface StatsProbeOptions {
  readonly connection: Connection;
  readonly counters: RunCounters;
  readonly clock: Clock;
  /** Stats failed too, and their answer asks to wait. */
  readonly onToldToWait: (retryAfterMs: number | undefined) => void;
  /** Asks for an ID of the list, with a probe's permit. */
  readonly askId: () => Promise<Second>;
  /** Aborts when the probe is no longer needed. */
  readonly ended: AbortSignal;
}

/** The answer is always read, because a refusal counts even while the run is ending. */
const NEVER: AbortSignal = new AbortController().signal;

/** Asks for the account's stats during an outage; `undefined` where that was no longer needed. */
export async function probeStats(options: StatsProbeOptions): Promise<ProbeResult | undefined> {
  const { connection, counters, clock, askId, onToldToWait, ended } = options;
  const { access, onThrottled } = connection;
  const permit = await access.account.takeProbe(undefined, ended);
  if (permit === undefined) return undefined;
  const answer = await askWithPermit(statsQuestion(access.reader), permit, { clock, counters, onThrottled, ended: NEVER });
  if (answer?.kind === 'retry') onToldToWait(answer.retryAfterMs);
  if (answer === undefined || answer.kind === 'retry') return { isAnswered: false, id: undefined };
  if (isRefused(answer)) void access.refusals.refused({ ...answer, lane: 'account' }, askId);
  return { isAnswered: true, id: undefined };
}
