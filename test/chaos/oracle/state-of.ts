import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { keyToId } from '../../../src/checkpoint/format/id-key.ts';
import { outcomeFromNumber, type StoredOutcome } from '../../../src/checkpoint/format/outcomes.ts';

/** What a checkpoint holds at one instant, read by SQL of our own and not by the product's. */
export interface CheckpointState {
  readonly isFinished: boolean;
  readonly isIntakeComplete: boolean;
  /** Every accepted or protected ID, and its outcome where it has one. */
  readonly items: ReadonlyMap<string, StoredOutcome | undefined>;
  readonly rejectedCount: number;
  /** Every outcome with what the report must say of it. */
  readonly results: ReadonlyMap<string, StoredResult>;
  /** IDs without an outcome that a run which was killed may have sent. */
  readonly unanswered: readonly string[];
  /** IDs of which it says that an earlier request was not answered, or by what is retried. */
  readonly unknown: readonly string[];
  /** Attempts on record of IDs without an outcome. */
  readonly tried: ReadonlyMap<string, number>;
}

export interface StoredResult {
  readonly outcome: StoredOutcome;
  readonly httpStatus: number | undefined;
  readonly attempts: number;
  readonly isUnknown: boolean;
  readonly source: string;
  readonly line: number;
}

/** Copied before it is opened: opening a checkpoint after a kill would already be the beginning of repairing it. */
export function stateOf(checkpointPath: string): CheckpointState | undefined {
  if (!existsSync(checkpointPath)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'images-purge-look-'));
  try {
    const copy = join(folder, 'copy');
    for (const suffix of ['', '-wal']) if (existsSync(checkpointPath + suffix)) copyFileSync(checkpointPath + suffix, copy + suffix);
    const db = new DatabaseSync(copy);
    try {
      return read(db);
    } finally {
      db.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function read(db: DatabaseSync): CheckpointState {
  const items = new Map<string, StoredOutcome | undefined>();
  const results = new Map<string, StoredResult>();
  for (const row of db
    .prepare(
      `SELECT id, path, line, outcome, http_status, attempts, is_unknown
       FROM item JOIN source ON number = source LEFT JOIN result ON item = seq`,
    )
    .all()) {
    const id = keyToId(row['id']);
    if (items.has(id)) throw new Error(`the checkpoint holds ${id} twice`);
    const outcome = row['outcome'] === null ? undefined : outcomeFromNumber(Number(row['outcome']));
    items.set(id, outcome);
    if (outcome === undefined) continue;
    const httpStatus = row['http_status'] === null ? undefined : Number(row['http_status']);
    results.set(id, {
      outcome,
      httpStatus,
      attempts: Number(row['attempts']),
      isUnknown: row['is_unknown'] === 1,
      source: String(row['path']),
      line: Number(row['line']),
    });
  }
  const idsOf = (sql: string): string[] =>
    db
      .prepare(sql)
      .all()
      .map((row) => keyToId(row['id']));
  const tried = new Map(
    db
      .prepare('SELECT id, attempts FROM tried JOIN item ON item = seq')
      .all()
      .map((row) => [keyToId(row['id']) as string, Number(row['attempts'])]),
  );
  const state = db.prepare('SELECT finished_at_ms, is_intake_complete FROM state').get();
  return {
    isFinished: state?.['finished_at_ms'] !== null,
    isIntakeComplete: state?.['is_intake_complete'] === 1,
    items,
    results,
    unanswered: idsOf(
      `SELECT id FROM item, state
       WHERE is_clean = 0 AND seq BETWEEN reading_start_seq AND sent_through_seq AND seq NOT IN (SELECT item FROM result)`,
    ),
    unknown: idsOf(
      'SELECT id FROM item WHERE seq IN (SELECT item FROM tried WHERE is_unknown = 1 UNION SELECT item FROM result WHERE is_unknown = 1)',
    ),
    tried,
    rejectedCount: Number(db.prepare('SELECT count(*) AS n FROM rejected').get()?.['n']),
  };
}
