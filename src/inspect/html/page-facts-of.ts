import { resolveCheckpointPath } from '../../checkpoint/file/file-system.ts';
import { readBeside } from '../../checkpoint/file/reader.ts';
import { allRecords } from '../../checkpoint/report-records.ts';
import { readFailureKinds } from '../../checkpoint/samples.ts';
import type { ListedOutcome } from '../../domain/outcome.ts';
import type { ReportRecord } from '../../domain/record.ts';
import type { FailureKind, PurgeFacts } from '../../domain/summary.ts';
import type { PageFacts, PageTable } from '../../report/html/page-facts.ts';
import { readStatus } from '../read-status.ts';
import { distinctCheckpoints } from '../several.ts';
import { areMergeableShards, isSeen } from '../shards.ts';
import { readTimeline } from './timeline.ts';

export interface PageRequest {
  readonly checkpointPaths: readonly string[];
  /** `undefined`: those that a person has to look at. */
  readonly outcomes: readonly ListedOutcome[] | undefined;
  readonly price: number;
  readonly nowMs: number;
}

/** A page with more is slow to open, and nobody reads it. */
const ROWS_MAX = 5_000;
const FAILURE_KINDS_MAX = 100;
const OUTCOMES_SHOWN: readonly ListedOutcome[] = ['failed', 'rejected'];

/** Reads all that a page tells, each checkpoint while a run may work on it. */
export function pageFactsOf({ checkpointPaths, outcomes = OUTCOMES_SHOWN, price, nowMs }: PageRequest): PageFacts {
  const { purge, lastEnd, isRunning, missingShards, ...status } = readStatus(checkpointPaths);
  const paths = distinctCheckpoints(checkpointPaths).map(resolveCheckpointPath);
  return {
    purge,
    lastEnd,
    isRunning,
    checkpointPaths: status.checkpointPaths,
    missingShards: missingShards.map(({ index, count }) => `${index}/${count}`),
    writtenAtMs: nowMs,
    price,
    failureKinds: failureKindsOf(paths),
    timeline: readTimeline(paths),
    table: tableOf(paths, outcomes, purge),
  };
}

function failureKindsOf(paths: readonly string[]): FailureKind[] {
  const kinds = new Map<string, FailureKind>();
  for (const kind of paths.flatMap((path) => readBeside(path, (db) => readFailureKinds(db, FAILURE_KINDS_MAX)))) {
    const key = JSON.stringify([kind.httpStatus, kind.code, kind.message]);
    kinds.set(key, { ...kind, count: kind.count + (kinds.get(key)?.count ?? 0) });
  }
  return [...kinds.values()].toSorted((a, b) => b.count - a.count).slice(0, FAILURE_KINDS_MAX);
}

function tableOf(paths: readonly string[], outcomes: readonly ListedOutcome[], purge: PurgeFacts): PageTable {
  const records: ReportRecord[] = [];
  const seenRejected = paths.length > 1 && areMergeableShards(paths) ? new Set<string>() : undefined;
  for (const path of paths) {
    const some = readBeside(path, (db) => {
      db.exec('BEGIN');
      const read: ReportRecord[] = [];
      for (const record of allRecords(db, outcomes)) if (read.push(record) >= ROWS_MAX - records.length) break;
      return read;
    });
    records.push(...some.filter((record) => record.outcome !== 'rejected' || seenRejected === undefined || !isSeen(record, seenRejected)));
    if (records.length >= ROWS_MAX) break;
  }
  return { outcomes, records, totalCount: outcomes.reduce((total, outcome) => total + countOf(outcome, purge), 0) };
}

function countOf(outcome: ListedOutcome, { outcomes, intake, pending, state }: PurgeFacts): number {
  switch (outcome) {
    case 'deleted':
    case 'absent':
    case 'failed':
      return outcomes[outcome];
    case 'protected':
    case 'rejected':
      return intake[outcome];
    case 'planned':
      return outcomes.planned + (state === 'planned' ? pending : 0);
    case 'pending':
      return state === 'planned' ? 0 : pending;
  }
}
