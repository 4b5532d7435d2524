import type { StoredOutcome } from '../../../src/checkpoint/format/outcomes.ts';
import type { CheckpointState } from './state-of.ts';
import type { History, ServerFacts, Truth } from './truth.ts';

/** What `status --json` says. */
export interface StatusSummary {
  readonly state: string;
  readonly pending: number;
  readonly intake: Record<string, number | boolean>;
  readonly outcomes: Record<string, number>;
}

/** Every ID of the list has an outcome, and a protected one is `protected`. */
export function* outcomeProblems(state: CheckpointState, truth: Truth): Generator<string> {
  for (const id of [...truth.accepted, ...truth.protected]) if (state.items.get(id) === undefined) yield `${id} has no outcome`;
  for (const id of truth.protected) if (state.items.get(id) !== 'protected') yield `${id} is ${state.items.get(id)} and not protected`;
}

/** `status` counts what the list holds and what the checkpoint says. */
export function* statusProblems(summary: StatusSummary, state: CheckpointState, truth: Truth, history: History): Generator<string> {
  const count = (wanted: StoredOutcome): number => [...state.items.values()].filter((outcome) => outcome === wanted).length;
  const protectedLate = [...history.excludedLate].filter((id) => state.items.get(id) === 'protected' && !truth.protected.has(id)).length;
  const { counts } = truth;
  const expected = { ...counts, accepted: counts.accepted - protectedLate, protected: counts.protected + protectedLate };
  for (const [name, value] of Object.entries(expected))
    if (summary.intake[name] !== value) yield `status says ${String(summary.intake[name])} ${name}, and there are ${value}`;
  for (const name of ['deleted', 'absent', 'failed'] as const)
    if (summary.outcomes[name] !== count(name)) yield `status says ${summary.outcomes[name]} ${name}, and there are ${count(name)}`;
  if (summary.state !== 'finished' || summary.pending !== 0) yield `status says ${summary.state} with ${summary.pending} pending`;
}

/** Each request is an attempt on record, a 429, or one that a kill or a stop made the purge forget. */
export function* requestCountProblems(state: CheckpointState, history: History, server: ServerFacts): Generator<string> {
  const throttled = new Map<string, number>();
  for (const { id, status, method, isStray } of server.requests)
    if (method === 'DELETE' && id !== undefined && (status === 429 || isStray === true)) throttled.set(id, (throttled.get(id) ?? 0) + 1);
  for (const [id, count] of server.deleteRequests) {
    // In the 100 ms that a kill may take, the first retry may have been sent too.
    const allowed =
      (state.results.get(id)?.attempts ?? 0) +
      (throttled.get(id) ?? 0) +
      2 * history.killCount +
      history.stopCount +
      2 * history.outageCount +
      (history.everFailed.has(id) ? 8 * history.retryFailedCount : 0);
    if (count > allowed) yield `${id} was sent ${count} times, and ${allowed} are accounted for`;
  }
}
