import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { keyToId } from '../../src/checkpoint/id-key.ts';
import { outcomeFromNumber, type StoredOutcome } from '../../src/checkpoint/schema.ts';

/** What a checkpoint holds at one instant, read by SQL of our own and not by the product's. */
export interface CheckpointState {
  readonly isFinished: boolean;
  readonly isIntakeComplete: boolean;
  /** Every accepted or protected ID, and its outcome where it has one. */
  readonly items: ReadonlyMap<string, StoredOutcome | undefined>;
  readonly rejectedCount: number;
  readonly attempts: ReadonlyMap<string, number>;
  /** Attempts on record of IDs without an outcome. */
  readonly tried: ReadonlyMap<string, number>;
}

/** Copied before it is opened: opening a checkpoint after a kill would already be the beginning of mending it. */
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
  const attempts = new Map<string, number>();
  for (const row of db.prepare('SELECT id, outcome, attempts FROM item LEFT JOIN result ON item = seq').all()) {
    const id = keyToId(row['id']);
    if (items.has(id)) throw new Error(`the checkpoint holds ${id} twice`);
    items.set(id, row['outcome'] === null ? undefined : outcomeFromNumber(Number(row['outcome'])));
    if (row['attempts'] !== null) attempts.set(id, Number(row['attempts']));
  }
  const tried = new Map(db.prepare('SELECT id, attempts FROM tried JOIN item ON item = seq').all().map((row) => [keyToId(row['id']) as string, Number(row['attempts'])]));
  const state = db.prepare('SELECT finished_at_ms, is_intake_complete FROM state').get();
  return {
    isFinished: state?.['finished_at_ms'] !== null,
    isIntakeComplete: state?.['is_intake_complete'] === 1,
    items,
    attempts,
    tried,
    rejectedCount: Number(db.prepare('SELECT count(*) AS n FROM rejected').get()?.['n']),
  };
}
