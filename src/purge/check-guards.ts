import { type CheckpointFacts, type RecordedGuards, wholeListCount } from '../checkpoint/facts.ts';
import type { UserError } from '../domain/errors.ts';
import { checkSet, checkShare, type GuardedSet, type GuardOrigin } from '../plan/guards.ts';
import type { PurgeRun } from './purge-run.ts';

type Check = (guards: RecordedGuards, origin: GuardOrigin) => UserError | undefined;

/** The guards that need no answer of the API. @returns whether the run may not continue */
export function isSetRefused(run: PurgeRun, facts: CheckpointFacts): Promise<boolean> {
  return isRefused(run, facts, (guards, origin) => checkSet(guardedSet(facts), guards, origin, run.reportPath));
}

/** The guard on the share of the account. @returns whether the run may not continue */
export function isShareRefused(run: PurgeRun, facts: CheckpointFacts, accountImageCount: number | undefined): Promise<boolean> {
  return isRefused(run, facts, (guards, origin) => checkShare(guardedSet(facts), guards, origin, accountImageCount));
}

function guardedSet(facts: CheckpointFacts): GuardedSet {
  return { accepted: wholeListCount(facts), rejected: facts.intake.rejected, deleted: facts.outcomes.deleted };
}

async function isRefused(run: PurgeRun, facts: CheckpointFacts, check: Check): Promise<boolean> {
  const { halt, ledger, checkpointPath, guardsBefore } = run;
  const isStartOver = !facts.hasOutcomes && !facts.hasUnanswered;
  const before = guardsBefore === undefined ? undefined : check(guardsBefore, { recordedIn: checkpointPath, isStartOver });
  const refusal = before ?? check(facts.definition.guards, { recordedIn: undefined, isStartOver });
  if (refusal !== undefined) {
    halt.fail(refusal);
    // A guard that only this run was given is not kept: it would refuse every later run too.
    if (guardsBefore !== undefined) await ledger.ask('setGuards', guardsBefore);
  }
  return halt.signal.aborted;
}
