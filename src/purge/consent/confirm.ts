import { GUARD_OPTION } from '../../advice/guard-options.ts';
import { type CheckpointFacts, type RecordedGuards, sourceCounts } from '../../checkpoint/facts.ts';
import { guardError, usageError, type UserError } from '../../domain/errors.ts';
import { requestsPerSecond } from '../../domain/rate.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { AccountStats } from '../../connect/account-stats.ts';
import { isRefusedByStrict, tellKind } from '../../plan/suspicious-kinds.ts';
import { noTerminalError } from '../../run/no-terminal.ts';
import type { PurgeDeps } from '../../run/deps.ts';
import { SAVING_REQUESTS } from '../../run/saving-requests.ts';
import type { AskPerson, BackupSpace, DeleteOptions, PaceOptions, PlanSummary } from '../../run/run-options.ts';

/** What is known beyond the checkpoint when a plan is shown. */
export interface PlanKnowledge {
  /** `undefined` where they were not read. */
  readonly stats?: AccountStats | undefined;
  /** `undefined` where there is no backup, or nothing was asked yet. */
  readonly space?: BackupSpace | undefined;
  /** `false`: more may be protected yet, once the account's list is read. */
  readonly isFinal: boolean;
}

/** Puts together what a person confirms. */
export async function planSummary(
  ledger: Ledger,
  facts: CheckpointFacts,
  pace: PaceOptions,
  { stats, space, isFinal }: PlanKnowledge,
): Promise<PlanSummary> {
  const samples = await ledger.ask('planSamples');
  const laneCount = Math.max(pace.batchTokenCount, 1);
  const perSecond = requestsPerSecond(pace.rate) * laneCount;
  const { deletesPercentMax, backupFolder } = facts.definition.guards;
  const requestCount = facts.pending * (backupFolder === null ? 1 : 1 + SAVING_REQUESTS);
  return {
    accountId: facts.definition.accountId,
    baseUrl: facts.definition.baseUrl,
    sources: sourceCounts(facts),
    accountImageCount: stats?.kind === 'count' ? stats.current : undefined,
    toDelete: facts.pending,
    digest: facts.digest,
    samples: samples.ids,
    duplicates: facts.intake.duplicates,
    protected: facts.intake.protected,
    protectedBy: facts.protectedBy,
    rejected: facts.intake.rejected,
    rejectedSamples: samples.rejected,
    skipped: facts.intake.skipped,
    suspicious: facts.suspicious.map((found) => ({
      ...found,
      ...tellKind(found.kind),
      isRefusedByStrict: isRefusedByStrict(found.kind),
    })),
    rate: pace.rate,
    laneCount,
    isBatch: pace.batchTokenCount > 0,
    expectedMs: perSecond === Infinity ? undefined : Math.round((requestCount * 1000) / perSecond),
    sendCountMax: pace.sendCountMax,
    waitingForList: isFinal ? [] : waitingForList(facts.definition.guards),
    uncheckedPercentMax: stats === undefined ? (deletesPercentMax ?? undefined) : undefined,
    backup: backupFolder === null ? undefined : { folder: backupFolder, space },
  };
}

/** What waits for the account's list: the age, and the guards that judge what it leaves. */
function waitingForList(guards: RecordedGuards): readonly string[] {
  const { newerThanMs, protectedCountMin, deletesCountMax } = GUARD_OPTION;
  return [newerThanMs, protectedCountMin, deletesCountMax].flatMap((optionOf) => optionOf(guards) ?? []);
}

/**
 * Where a purge must be confirmed and nobody can be asked.
 *
 * @param isConfirmedUnchanged - an earlier run was confirmed, for the same list
 */
export function refuseWithoutConsent(options: DeleteOptions, { ask }: Pick<PurgeDeps, 'ask'>, isConfirmedUnchanged: boolean): void {
  if (options.mode !== 'delete' || options.isConfirmed || options.confirmedSet !== undefined || isConfirmedUnchanged || ask !== undefined)
    return;
  throw noTerminalError();
}

/** Asks the person; returns the refusal, or `undefined` where they typed what the plan asks for. */
export async function confirm(ask: AskPerson | undefined, plan: PlanSummary, halt: AbortSignal): Promise<UserError | undefined> {
  if (ask === undefined) return noOneToAsk();
  const answer = await ask(plan, halt);
  if (halt.aborted || answer === `delete ${plan.toDelete}`) return undefined;
  return guardError('NOT_CONFIRMED', 'not confirmed; nothing was sent.', `To begin, type exactly: delete ${plan.toDelete}`);
}

/** The list was read, or is on record, and nobody has consented to it. */
export function noOneToAsk(): UserError {
  return usageError(
    'NO_ONE_TO_ASK',
    'this purge has not been confirmed, and there is no terminal to ask on; nothing was sent.',
    'Look at the plan, then run the same command with --confirm and the digest that it shows, or with --yes for whatever the list holds.',
  );
}
