import type { CheckpointFacts } from '../checkpoint/facts.ts';
import type { AccountStats } from '../connect/account-stats.ts';
import type { Reading } from '../intake/reading.ts';
import { isConsentRefused, isSetRefused } from './consent/check-guards.ts';
import { planSummary } from './consent/confirm.ts';
import type { PurgeRun } from './purge-run.ts';

/** What `plan` and a dry run are given besides their list: nothing. */
export interface RehearsalTask {
  readonly mode: 'plan' | 'dry-run';
  readonly asking?: never;
}

/**
 * `plan` and the dry run: reads the whole list, checks the guards, and shows what a purge would delete. It is given no
 * credentials and imports nothing that could send.
 */
export async function rehearse(run: PurgeRun, { mode }: RehearsalTask, reading: Reading): Promise<void> {
  const { halt, ledger, deps } = run;
  await reading.done;
  if (halt.signal.aborted) return;
  const facts = await ledger.ask('facts');
  if (!(await showPlan(run, mode, facts, { stats: undefined, waitsForList: isListNeeded(facts) }))) return;
  if (mode === 'dry-run') await run.untilNothingIsLeft(() => ledger.ask('planSome', deps.clock.wallMs()));
}

/** `--protect-newer-than` protects by the account's list. */
export function isListNeeded({ definition, pending }: CheckpointFacts): boolean {
  return definition.guards.newerThanMs !== null && pending > 0;
}

/**
 * Checks the guards and shows the plan.
 *
 * @param known.stats - `undefined` where they were not asked for
 * @param known.waitsForList - more may be protected yet
 * @returns `false` where a guard has ended the run
 */
export async function showPlan(
  run: PurgeRun,
  mode: 'plan' | 'dry-run',
  facts: CheckpointFacts,
  { stats, waitsForList }: { readonly stats: AccountStats | undefined; readonly waitsForList: boolean },
): Promise<boolean> {
  const { ledger, deps, pace } = run;
  if ((await isSetRefused(run, facts, !waitsForList)) || isConsentRefused(run, facts)) return false;
  // A plan is carried out by another run, with limits of its own.
  const limits = mode === 'plan' ? { ...pace, sendCountMax: Infinity } : pace;
  deps.onPlan?.(await planSummary(ledger, facts, limits, { stats, isFinal: !waitsForList }));
  return true;
}
