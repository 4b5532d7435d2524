import type { DatabaseSync } from 'node:sqlite';

import type { ErrorCode } from '../domain/result-fields.ts';
import type { ImageId } from '../domain/image-id.ts';
import type { FailureKind } from '../domain/summary.ts';
import { keyToId } from './format/id-key.ts';
import { OUTCOME_NUMBER } from './format/outcomes.ts';
import { storedCode, storedTime } from './format/stored.ts';
import { theRow } from './read-facts.ts';

export interface PlanSamples {
  /** First, middle and last pending ID. */
  readonly ids: readonly { readonly id: string; readonly source: string; readonly line: number }[];
  readonly rejected: readonly { readonly source: string; readonly line: number; readonly reason: string }[];
}

const REJECTED_SAMPLES_MAX = 5;
const FAILURE_KINDS_MAX = 5;
const LAST_ERRORS_MAX = 5;

const IS_PENDING = 'NOT EXISTS (SELECT 1 FROM result WHERE result.item = seq)';

/** From either end: `min` and `max` in one query would go through all of them. */
function pendingRange(db: DatabaseSync): { readonly first: number; readonly last: number } {
  const end = (order: 'ASC' | 'DESC'): number =>
    Number(db.prepare(`SELECT seq FROM item WHERE ${IS_PENDING} ORDER BY seq ${order} LIMIT 1`).get()?.['seq'] ?? 0);
  return { first: end('ASC'), last: end('DESC') };
}

/** What a person sees of the set before they confirm it. */
export function readPlanSamples(db: DatabaseSync): PlanSamples {
  const { first, last } = pendingRange(db);
  const next = db.prepare(`
    SELECT seq, id, path, line FROM item JOIN source ON number = source
    WHERE seq >= ? AND ${IS_PENDING} ORDER BY seq LIMIT 1`);
  const ids = new Map<number, { id: string; source: string; line: number }>();
  for (const seq of [first, Math.floor((first + last) / 2), last]) {
    const row = next.get(seq);
    if (row !== undefined) ids.set(Number(row['seq']), { id: keyToId(row['id']), source: String(row['path']), line: Number(row['line']) });
  }
  const rejected = db
    .prepare('SELECT path, line, reason FROM rejected JOIN source ON number = source ORDER BY seq LIMIT ?')
    .all(REJECTED_SAMPLES_MAX);
  return {
    ids: [...ids.values()],
    rejected: rejected.map((row) => ({ source: String(row['path']), line: Number(row['line']), reason: String(row['reason']) })),
  };
}

/** Pending IDs from all over the list, in its order. */
export function readPendingSample(db: DatabaseSync, countMax: number): ImageId[] {
  const { first, last } = pendingRange(db);
  const next = db.prepare(`SELECT seq, id FROM item WHERE seq >= ? AND ${IS_PENDING} ORDER BY seq LIMIT 1`);
  const ids = new Map<number, ImageId>();
  for (let nth = 0; nth < countMax; nth++) {
    const row = next.get(first + Math.floor(((last - first) * (nth + 0.5)) / countMax));
    if (row !== undefined) ids.set(Number(row['seq']), keyToId(row['id']));
  }
  return [...ids.values()];
}

/** Failures by kind, most frequent first. CROSS JOIN: only the few results that have a detail are looked at. */
export function readFailureKinds(db: DatabaseSync, kindsMax: number = FAILURE_KINDS_MAX): FailureKind[] {
  return db
    .prepare(
      `
      SELECT count(*) AS n, http_status, code, message FROM detail CROSS JOIN result ON result.item = detail.item
      WHERE outcome = ${OUTCOME_NUMBER.failed} GROUP BY http_status, code, message ORDER BY n DESC LIMIT ?`,
    )
    .all(kindsMax)
    .map((row) => ({ count: Number(row['n']), ...answerOf(row) }));
}

/** Absent IDs that no earlier request of this purge can have deleted. */
export function countAbsentByOthers(db: DatabaseSync): number {
  return Number(db.prepare(`SELECT count(*) AS n FROM result WHERE outcome = ${OUTCOME_NUMBER.absent} AND is_unknown = 0`).get()?.['n']);
}

/** A tenth is more than any list should have by chance. */
const MANY_ABSENT_DIVISOR = 10;
const ABSENT_SAMPLE_MAX = 1_000;

/** Some of the absent IDs, where more than a tenth of all answered ones are absent; none otherwise. */
export function sampleManyAbsent(db: DatabaseSync, absentByOthers: number): string[] {
  const tally = theRow(db, 'SELECT deleted + absent + failed AS answered FROM tally');
  if (absentByOthers * MANY_ABSENT_DIVISOR <= Number(tally['answered'])) return [];
  return db
    .prepare(
      `SELECT id FROM result JOIN item ON item.seq = result.item WHERE outcome = ${OUTCOME_NUMBER.absent} AND is_unknown = 0 LIMIT ?`,
    )
    .all(ABSENT_SAMPLE_MAX)
    .map((row) => keyToId(row['id']));
}

export interface StoredError {
  readonly id: string;
  readonly atMs: number;
  readonly httpStatus: number | undefined;
  readonly code: ErrorCode | undefined;
  readonly message: string | undefined;
}

/** The latest failures, newest first; joined in this order likewise. */
export function readLastErrors(db: DatabaseSync): StoredError[] {
  return db
    .prepare(
      `
      SELECT id, at_ms, http_status, code, message
      FROM detail CROSS JOIN result ON result.item = detail.item CROSS JOIN item ON item.seq = detail.item
      WHERE outcome = ${OUTCOME_NUMBER.failed} ORDER BY at_ms DESC LIMIT ?`,
    )
    .all(LAST_ERRORS_MAX)
    .map((row) => ({ id: keyToId(row['id']), atMs: storedTime(row['at_ms']), ...answerOf(row) }));
}

function answerOf(row: Record<string, unknown>): {
  httpStatus: number | undefined;
  code: ErrorCode | undefined;
  message: string | undefined;
} {
  return {
    httpStatus: typeof row['http_status'] === 'number' ? row['http_status'] : undefined,
    code: storedCode(row['code']),
    message: typeof row['message'] === 'string' ? row['message'] : undefined,
  };
}
