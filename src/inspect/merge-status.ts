import { outweighs } from '../domain/errors.ts';
import type {
  IntakeCounts,
  PurgeFacts,
  PurgeState,
  RuleHits,
  RunCounts,
  RunEnd,
  SourceCounts,
  SuspiciousByKind,
} from '../domain/summary.ts';
import { isOneList, type ListPart, missingShards } from './one-list.ts';
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
  const purges = statuses.map(({ purge }) => purge);
  const etas = statuses.map(({ etaMs }) => etaMs).filter((etaMs) => etaMs !== undefined);
  const missing = missingShards(given);
  return {
    purge: mergePurges(given, purges, missing.length > 0),
    lastEnd: mergeEnds(statuses.map(({ lastEnd }) => lastEnd)),
    missingShards: missing,
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

function mergePurges(given: readonly ShardStatus[], purges: readonly PurgeFacts[], isShardMissing: boolean): PurgeFacts {
  const [first] = purges as [PurgeFacts];
  const sum = (of: (purge: PurgeFacts) => number): number => purges.reduce((total, purge) => total + of(purge), 0);
  const state = LEAST_DONE_FIRST.find((one) => purges.some((purge) => purge.state === one)) ?? 'finished';
  return {
    job: purges.map(({ job }) => job).join(','),
    // Of a list that is finished here, another shard is not known to be.
    state: state === 'finished' && isShardMissing ? 'unfinished' : state,
    account: first.account,
    baseUrl: first.baseUrl,
    // All shards of a list have the digest of the whole list.
    digest: purges.every(({ digest }) => digest === first.digest) ? first.digest : null,
    note: purges.every(({ note }) => note === first.note) ? first.note : null,
    sources: mergeSources(given, purges),
    intake: mergeIntake(given),
    protectedBy: mergeRules(purges),
    backupFolders: [...new Set(purges.flatMap(({ backupFolders }) => backupFolders))],
    outcomes: {
      deleted: sum(({ outcomes }) => outcomes.deleted),
      absent: sum(({ outcomes }) => outcomes.absent),
      failed: sum(({ outcomes }) => outcomes.failed),
      planned: sum(({ outcomes }) => outcomes.planned),
    },
    pending: sum(({ pending }) => pending),
    run: mergeRuns(purges.map(({ run }) => run)),
  };
}

/** The weightiest ending tells how the runs went. Where one is not known, none is. */
function mergeEnds(ends: readonly (RunEnd | undefined)[]): RunEnd | undefined {
  return ends.reduce((worst, end) =>
    worst === undefined || end === undefined ? undefined : outweighs(end.exitCode, worst.exitCode) ? end : worst,
  );
}

/** Each shard of a list has read all of its sources, and has accepted its own IDs of them. */
function mergeSources(given: readonly ShardStatus[], purges: readonly PurgeFacts[]): readonly SourceCounts[] {
  if (!isOneList(given)) return purges.flatMap(({ sources }) => sources);
  const [first] = purges;
  return (first?.sources ?? []).map((source, index) => ({
    ...source,
    accepted: purges.reduce<number | null>((total, { sources }) => {
      const accepted = sources[index]?.accepted ?? null;
      return total === null || accepted === null ? null : total + accepted;
    }, 0),
  }));
}

/** For shards of one list, rows and rejected rows count once: each shard has read them all. What one shard skips, another has. */
function mergeIntake(given: readonly ShardStatus[]): PurgeFacts['intake'] {
  const intakes = given.map(({ status }) => status.purge.intake);
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
function mergeSuspicious(intakes: readonly PurgeFacts['intake'][], areShards: boolean): SuspiciousByKind {
  const merged = new Map<string, SuspiciousByKind[string]>();
  for (const [kind, found] of intakes.flatMap(({ suspicious }) => Object.entries(suspicious))) {
    const before = merged.get(kind);
    const count = areShards ? Math.max(before?.count ?? 0, found.count) : (before?.count ?? 0) + found.count;
    merged.set(kind, { ...(before ?? found), count });
  }
  return Object.fromEntries(merged);
}

/** Each shard has read the same exclude files, and has held the IDs that are its own. */
function mergeRules(purges: readonly PurgeFacts[]): RuleHits[] {
  const byRule = Map.groupBy(
    purges.flatMap(({ protectedBy }) => protectedBy),
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
