import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

import type { RunCounts, RunEnd, SuspiciousCount } from '../domain/summary.ts';
import { readExcludeFiles, readExcludeIds, readRules } from './protect/rules.ts';
import { UnsoundError } from './file/sqlite-error.ts';
import { storedCount, storedObject, storedTime } from './format/stored.ts';
import type { CheckpointFacts, Definition, EndedBy, RecordedSource, RepeatedOptions } from './facts.ts';

const NO_RUN: RunCounts = { deleted: 0, absent: 0, failed: 0, requests: 0, retries: 0, throttled: 0, elapsedMs: 0, ratePerSecond: 0 };

type Row = Record<string, unknown>;

/** Reads what a decision or a status needs in one read transaction. */
export function readFacts(db: DatabaseSync): CheckpointFacts {
  db.exec('BEGIN');
  try {
    return factsOf(db);
  } finally {
    db.exec('COMMIT');
  }
}

export function readDefinition(db: DatabaseSync): Definition {
  const stored = storedObject(theRow(db, 'SELECT json FROM definition')['json']) as Omit<
    Definition,
    'shard' | 'form' | 'guards' | 'otherShardsCount' | 'otherShardsProtectedCount' | 'sourceCounts' | 'note'
  > & {
    readonly shard?: Definition['shard'];
    readonly otherShardsCount?: Definition['otherShardsCount'];
    readonly otherShardsProtectedCount?: number;
    readonly sourceCounts?: Definition['sourceCounts'];
    readonly note?: Definition['note'];
    readonly guards: Omit<Definition['guards'], 'protectedCountMin' | 'verifies' | 'newerThanMs' | 'backupFolder'> &
      Partial<Definition['guards']>;
    readonly form: Omit<Definition['form'], 'quote' | 'skipLines' | 'acceptLastLine' | 'literal'> & Partial<Definition['form']>;
  };
  const { job, accountId, baseUrl, form, guards } = stored as Partial<Definition>;
  if (
    ![job, accountId, baseUrl].every((text) => typeof text === 'string') ||
    ![form, guards].every((part) => typeof part === 'object' && part !== null)
  ) {
    throw new UnsoundError('it does not say what it was made for');
  }
  // Older versions did not record these.
  const shard = stored.shard ?? null;
  return {
    ...stored,
    form: { quote: null, skipLines: 0, acceptLastLine: false, literal: false, ...stored.form },
    guards: { protectedCountMin: 0, verifies: false, newerThanMs: null, backupFolder: null, ...stored.guards },
    shard,
    otherShardsCount: stored.otherShardsCount ?? (shard === null ? 0 : null),
    otherShardsProtectedCount: stored.otherShardsProtectedCount ?? 0,
    sourceCounts: stored.sourceCounts ?? null,
    note: stored.note ?? null,
  };
}

function factsOf(db: DatabaseSync): CheckpointFacts {
  const state = theRow(db, 'SELECT * FROM state');
  const tally = theRow(db, 'SELECT * FROM tally');
  const count = (name: string): number => storedCount(tally[name]);
  const outcomes = { deleted: count('deleted'), absent: count('absent'), failed: count('failed'), planned: count('planned') };
  const pending = count('accepted') - outcomes.deleted - outcomes.absent - outcomes.failed - outcomes.planned;
  const isComplete = state['is_intake_complete'] === 1;
  const definition = readDefinition(db);
  const { ended, ...run } = storedObject(state['run_json']) as Partial<RunCounts> & { readonly ended?: RunEnd };
  const finishedAtMs = state['finished_at_ms'] === null ? undefined : storedTime(state['finished_at_ms']);
  return {
    definition,
    state: state['is_plan'] === 1 ? 'planned' : finishedAtMs === undefined ? 'unfinished' : 'finished',
    isConfirmed: state['is_confirmed'] === 1,
    endedBy: (state['ended_by'] as EndedBy | null) ?? undefined,
    hasOutcomes: outcomes.deleted + outcomes.absent + outcomes.failed > 0,
    hasUnanswered: state['is_clean'] === 0 || db.prepare('SELECT 1 FROM tried WHERE is_unknown = 1 LIMIT 1').get() !== undefined,
    excludeFiles: readExcludeFiles(db),
    excludeIds: readExcludeIds(db),
    repeated: repeatedOptions(state['repeated_json']),
    finishedAtMs,
    lastWorkedAtMs: storedTime(state['last_worked_at_ms']),
    sources: currentSources(db, Number(state['reading']), isComplete ? definition.sourceCounts : null),
    reportPath: optionalText(theRow(db, 'SELECT path FROM report')['path']),
    digest: optionalText(state['digest']),
    setSize: state['set_size'] === null ? undefined : storedCount(state['set_size']),
    intake: {
      complete: isComplete,
      rows: count('rows'),
      accepted: count('accepted'),
      duplicates: count('duplicates'),
      protected: count('protected'),
      rejected: count('rejected'),
      skipped: count('skipped'),
    },
    suspicious: suspiciousCounts(db),
    protectedBy: readRules(db),
    protectedAfterSending: countProtectedAfterSending(db),
    outcomes,
    pending,
    run: { ...NO_RUN, ...run },
    lastEnd: ended,
  };
}

function repeatedOptions(stored: unknown): RepeatedOptions {
  if (stored === null) return { delete: [], resume: [] };
  const { delete: forDelete, resume } = storedObject(stored) as Record<string, unknown>;
  const words = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
  return { delete: words(forDelete), resume: words(resume) };
}

function suspiciousCounts(db: DatabaseSync): SuspiciousCount[] {
  const rows = db.prepare(`
    SELECT kind, count, example, path, suspicious.line AS line FROM suspicious JOIN source ON number = suspicious.source
    ORDER BY count DESC, kind`);
  return rows.all().map((row) => ({
    kind: String(row['kind']),
    count: storedCount(row['count']),
    example: String(row['example']),
    source: String(row['path']),
    line: storedCount(row['line']),
  }));
}

function currentSources(db: DatabaseSync, reading: number, counts: Definition['sourceCounts']): RecordedSource[] {
  const rows = db
    .prepare(
      'SELECT path, absolute_path, size_bytes, sha256, opened_size_bytes, opened_modified_ms FROM source WHERE reading = ? ORDER BY number',
    )
    .all(reading);
  return rows.map((row, index) => ({
    path: String(row['path']),
    ...placeOf(optionalText(row['absolute_path']) ?? String(row['path'])),
    opened: openedOf(row),
    counts: counts?.[index],
    sizeBytes: optionalNumber(row['size_bytes']),
    sha256: row['sha256'] instanceof Uint8Array ? row['sha256'] : undefined,
  }));
}

function openedOf(row: Row): RecordedSource['opened'] {
  const [sizeBytes, modifiedMs] = [optionalNumber(row['opened_size_bytes']), optionalNumber(row['opened_modified_ms'])];
  return sizeBytes === undefined || modifiedMs === undefined ? undefined : { sizeBytes, modifiedMs };
}

/** Only IDs that a rule holds are looked at, and few of them have ever been sent. */
function countProtectedAfterSending(db: DatabaseSync): number {
  // SQLite would walk through all results: it takes CROSS JOIN for the order in which to join.
  const { count } = theRow(db, 'SELECT count(*) AS count FROM held CROSS JOIN result ON result.item = held.item WHERE is_unknown = 1');
  return Number(count);
}

export function theRow(db: DatabaseSync, sql: string): Row {
  const row = db.prepare(sql).get();
  if (row === undefined) throw new UnsoundError(`it holds no row for: ${sql}`);
  return row;
}

function optionalNumber(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function placeOf(absolutePath: string): Pick<RecordedSource, 'absolutePath' | 'isGone'> {
  return { absolutePath, isGone: absolutePath !== '-' && !existsSync(absolutePath) };
}
