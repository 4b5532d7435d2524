import { type CheckpointFacts, type RecordedGuards, wholeListCount } from '../../checkpoint/facts.ts';
import { guardError, type UserError } from '../../domain/errors.ts';
import { checkSet, checkShare, type GuardedSet, type GuardOrigin } from '../../plan/guards.ts';
import { countOf } from '../../text/format.ts';
import type { PurgeRun } from '../purge-run.ts';

type Check = (guards: RecordedGuards, origin: GuardOrigin) => UserError | undefined;

/**
 * The guards that need no answer of the API.
 *
 * @param isFinal - `false`: more of the set may be protected yet
 * @returns whether the run may not continue
 */
export function isSetRefused(run: PurgeRun, facts: CheckpointFacts, isFinal: boolean): Promise<boolean> {
  return isRefused(run, facts, (guards, origin) => checkSet(guardedSet(facts, isFinal), guards, origin, run.reportPath));
}

/** The guard on the share of the account. @returns whether the run may not continue */
export function isShareRefused(run: PurgeRun, facts: CheckpointFacts, accountImageCount: number | undefined): Promise<boolean> {
  return isRefused(run, facts, (guards, origin) => checkShare(guardedSet(facts, true), guards, origin, accountImageCount));
}

/**
 * `--confirm`: consent to one set is none to another. Call it after the list was read to its end.
 *
 * @returns whether the run may not continue
 */
export function isConsentRefused({ halt, confirmedSet }: PurgeRun, { digest, setSize }: CheckpointFacts): boolean {
  if (confirmedSet === undefined || halt.signal.aborted) return halt.signal.aborted;
  const given = confirmedSet.kind === 'digest' ? confirmedSet.digest : String(confirmedSet.count);
  if (digest === undefined || setSize === undefined) {
    halt.fail(
      guardError(
        'CONFIRM_UNKNOWN',
        `--confirm ${given} cannot be compared: an older version read this list, and kept only its shard of it; nothing was sent.`,
        'Give the list another --checkpoint.',
      ),
    );
  } else if (confirmedSet.kind === 'digest' ? confirmedSet.digest !== digest : confirmedSet.count !== setSize) {
    const consented = confirmedSet.kind === 'digest' ? `the set ${given}` : countOf(confirmedSet.count, 'ID');
    halt.fail(
      guardError(
        'CONFIRM_DIFFERS',
        `--confirm consents to ${consented}, and this is the set ${digest} of ${countOf(setSize, 'ID')}; nothing was sent.`,
        'Another list, --exclude, account or API root makes another set: look at the plan of this one.',
        `To consent to this one instead:  --confirm ${digest}`,
      ),
    );
  }
  return halt.signal.aborted;
}

function guardedSet(facts: CheckpointFacts, isFinal: boolean): GuardedSet {
  const { definition, intake, outcomes, suspicious } = facts;
  return {
    accepted: wholeListCount(facts),
    rejected: intake.rejected,
    suspicious,
    protected: intake.protected + definition.otherShardsProtectedCount,
    isFinal,
    deleted: outcomes.deleted,
  };
}

async function isRefused(run: PurgeRun, facts: CheckpointFacts, check: Check): Promise<boolean> {
  const { halt, ledger, checkpointPath, guardsBefore } = run;
  const isStartOver = !facts.hasOutcomes && !facts.hasUnanswered;
  const before = guardsBefore === undefined ? undefined : check(guardsBefore, { recordedIn: checkpointPath, isStartOver });
  const refusal = before ?? check(facts.definition.guards, { recordedIn: undefined, isStartOver });
  if (refusal !== undefined) {
    halt.fail(refusal);
    // A guard that only this run was given is not kept: it would refuse every later run too. What protects is.
    const { newerThanMs } = facts.definition.guards;
    if (guardsBefore !== undefined) await ledger.ask('setGuards', { ...guardsBefore, newerThanMs });
  }
  return halt.signal.aborted;
}
