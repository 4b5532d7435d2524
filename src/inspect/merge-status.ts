import { usageError } from '../domain/errors.ts';
import type { IntakeCounts, PurgeState, RuleHits, RunCounts, SuspiciousByKind, Summary } from '../domain/summary.ts';
import { isOneList, type ListPart } from './one-list.ts';
import type { CheckpointStatus } from './checkpoint-status.ts';

/** A status with what tells whether it is one shard of a list. */
export interface ShardStatus extends ListPart {
  readonly status: CheckpointStatus;
}

const LAST_ERRORS_MAX = 5;
const LEAST_DONE_FIRST: readonly PurgeState[] = ['unfinished', 'planned', 'finished'];

/** One status of several checkpoints, such as the shards of one list. */
export function mergeStatuses(given: readonly [ShardStatus, ...ShardStatus[]]): CheckpointStatus {
  const [{ status: first }, ...others] = given;
  if (others.length === 0) return first;
  const statuses = given.map(({ status }) => status);
  const summaries = statuses.map(({ summary }) => summary);
  refuseOtherAccounts(statuses);
  const sum = (of: (summary: Summary) => number): number => summaries.reduce((total, summary) => total + of(summary), 0);
  const etas = statuses.map(({ etaMs }) => etaMs).filter((etaMs) => etaMs !== undefined);
  return {
    summary: {
      job: summaries.map(({ job }) => job).join(','),
      state: LEAST_DONE_FIRST.find((state) => summaries.some((summary) => summary.state === state)) ?? 'finished',
      account: first.summary.account,
      // All shards of a list have the digest of the whole list.
      digest: summaries.every(({ digest }) => digest === first.summary.digest) ? first.summary.digest : null,
      intake: mergeIntake(given),
      protectedBy: mergeRules(summaries),
      outcomes: {
        deleted: sum(({ outcomes }) => outcomes.deleted),
        absent: sum(({ outcomes }) => outcomes.absent),
        failed: sum(({ outcomes }) => outcomes.failed),
        planned: sum(({ outcomes }) => outcomes.planned),
      },
      pending: sum(({ pending }) => pending),
      run: mergeRuns(summaries.map(({ run }) => run)),
      exitCode: first.summary.exitCode,
    },
    nextCommand: undefined,
    checkpointPaths: statuses.flatMap(({ checkpointPaths }) => checkpointPaths),
    isRunning: statuses.some(({ isRunning }) => isRunning),
    lastWorkedAtMs: Math.max(...statuses.map(({ lastWorkedAtMs }) => lastWorkedAtMs)),
    ratePerSecond: statuses.reduce((total, { ratePerSecond }) => total + ratePerSecond, 0),
    etaMs: etas.length === 0 ? undefined : Math.max(...etas),
    lastErrors: statuses
      .flatMap(({ lastErrors }) => lastErrors)
      .toSorted((a, b) => b.atMs - a.atMs)
      .slice(0, LAST_ERRORS_MAX),
  };
}

function refuseOtherAccounts(statuses: readonly CheckpointStatus[]): void {
  const [first, ...others] = statuses;
  const other = others.find(({ summary }) => summary.account !== first?.summary.account);
  if (first === undefined || other === undefined) return;
  const accounts = `${first.summary.account}, ${other.summary.account}`;
  throw usageError(
    'OTHER_ACCOUNT',
    `${first.checkpointPaths[0]} and ${other.checkpointPaths[0]} are purges of two accounts (${accounts}); their counts are not added up.`,
    'Ask for the status of each.',
  );
}

/** For shards of one list, rows and rejected rows count once: each shard has read them all. What one shard skips, another has. */
function mergeIntake(given: readonly ShardStatus[]): Summary['intake'] {
  const intakes = given.map(({ status }) => status.summary.intake);
  const sum = (of: (intake: IntakeCounts) => number): number => intakes.reduce((total, intake) => total + of(intake), 0);
  const most = (of: (intake: IntakeCounts) => number): number => Math.max(...intakes.map(of));
  const accepted = sum((intake) => intake.accepted);
  const duplicates = sum((intake) => intake.duplicates);
  const ofProtected = sum((intake) => intake.protected);
  const complete = intakes.every((intake) => intake.complete);
  const areShards = isOneList(given);
  const rejected = areShards ? most((intake) => intake.rejected) : sum((intake) => intake.rejected);
  const rows = areShards
    ? Math.max(
        most((intake) => intake.rows),
        accepted + duplicates + ofProtected + rejected,
      )
    : sum((intake) => intake.rows);
  return {
    complete,
    rows,
    accepted,
    duplicates,
    protected: ofProtected,
    rejected,
    suspicious: mergeSuspicious(intakes, areShards),
    skipped: rows - accepted - duplicates - ofProtected - rejected,
  };
}

/** Each shard has looked at the whole list. */
function mergeSuspicious(intakes: readonly Summary['intake'][], areShards: boolean): SuspiciousByKind {
  const merged = new Map<string, SuspiciousByKind[string]>();
  for (const [kind, found] of intakes.flatMap(({ suspicious }) => Object.entries(suspicious))) {
    const before = merged.get(kind);
    const count = areShards ? Math.max(before?.count ?? 0, found.count) : (before?.count ?? 0) + found.count;
    merged.set(kind, { ...(before ?? found), count });
  }
  return Object.fromEntries(merged);
}

/** Each shard has read the same exclude files, and has held the IDs that are its own. */
function mergeRules(summaries: readonly Summary[]): RuleHits[] {
  const byRule = Map.groupBy(
    summaries.flatMap(({ protectedBy }) => protectedBy),
    ({ rule }) => rule,
  );
  return [...byRule].map(([rule, parts]) => ({
    rule,
    entries: Math.max(...parts.map(({ entries }) => entries)),
    held: parts.reduce((total, { held }) => total + held, 0),
    near: parts.reduce((total, { near }) => total + near, 0),
  }));
}

/** The runs work at the same time: their counts are added up, their times are not. */
function mergeRuns(runs: readonly RunCounts[]): RunCounts {
  const sum = (of: (run: RunCounts) => number): number => runs.reduce((total, run) => total + of(run), 0);
  return {
    deleted: sum((run) => run.deleted),
    absent: sum((run) => run.absent),
    failed: sum((run) => run.failed),
    requests: sum((run) => run.requests),
    retries: sum((run) => run.retries),
    throttled: sum((run) => run.throttled),
    elapsedMs: Math.max(...runs.map((run) => run.elapsedMs)),
    ratePerSecond: Math.round(sum((run) => run.ratePerSecond) * 100) / 100,
  };
}
