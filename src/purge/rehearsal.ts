import type { Reading } from '../intake/reading.ts';
import { isConsentRefused, isSetRefused } from './consent/check-guards.ts';
import { planSummary } from './consent/confirm.ts';
import type { PurgeRun } from './purge-run.ts';

/** What `plan` and a dry run are given besides their list: nothing. */
export interface RehearsalTask {
  readonly mode: 'plan' | 'dry-run';
}

/**
 * `plan` and the dry run: reads the whole list, checks the guards, and shows what a purge would delete. It is given no
 * credentials and imports nothing that could send.
 */
export async function rehearse(run: PurgeRun, { mode }: RehearsalTask, reading: Reading): Promise<void> {
  const { halt, ledger, deps, pace } = run;
  await reading.done;
  if (halt.signal.aborted) return;
  const facts = await ledger.ask('facts');
  if ((await isSetRefused(run, facts)) || isConsentRefused(run, facts)) return;
  // A plan is carried out by another run, with limits of its own.
  deps.onPlan?.(await planSummary(ledger, facts, mode === 'plan' ? { ...pace, sendCountMax: Infinity } : pace, undefined, undefined));
  if (mode === 'dry-run') await run.untilNothingIsLeft(() => ledger.ask('planSome', deps.clock.wallMs()));
}
