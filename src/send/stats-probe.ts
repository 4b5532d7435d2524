import { statsQuestion } from '../connect/account-stats.ts';
import type { Connection } from '../connect/connection.ts';
import { askWithPermit } from '../connect/paced-request.ts';
import { type ErrorContext, refusedError } from '../connect/stop-errors.ts';
import type { Clock } from '../domain/clock.ts';
import type { RunCounters } from '../run/counters.ts';
import type { Halt } from '../run/halt.ts';
import type { ProbeResult } from './outage-probing.ts';

export interface StatsProbeOptions {
  readonly connection: Connection;
  readonly counters: RunCounters;
  readonly clock: Clock;
  readonly halt: Halt;
  readonly errorContext: ErrorContext;
  /** Stats failed too, and their answer asks to wait. */
  readonly onToldToWait: (retryAfterMs: number | undefined) => void;
  /** Aborts when the probe is no longer needed. */
  readonly ended: AbortSignal;
}

/** The answer is always read, because a refusal counts even while the run is ending. */
const NEVER: AbortSignal = new AbortController().signal;

/** Asks for the account's stats during an outage; `undefined` where that was no longer needed. */
export async function probeStats(options: StatsProbeOptions): Promise<ProbeResult | undefined> {
  const { connection, counters, clock, halt, errorContext, onToldToWait, ended } = options;
  const { access, onThrottled } = connection;
  const permit = await access.account.takeProbe(undefined, ended);
  if (permit === undefined) return undefined;
  const answer = await askWithPermit(statsQuestion(access.reader), permit, { clock, counters, onThrottled, ended: NEVER });
  if (answer?.kind === 'retry') onToldToWait(answer.retryAfterMs);
  if (answer?.kind === 'stop-run') halt.fail(refusedError(answer.reason, answer.answer, errorContext));
  return { isAnswered: answer !== undefined && answer.kind !== 'retry', id: undefined };
}
