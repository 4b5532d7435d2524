import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Changes to the counts, added up in memory and written once a transaction. */
export interface TallyChange {
  rows?: number;
  accepted?: number;
  duplicates?: number;
  protected?: number;
  rejected?: number;
  skipped?: number;
  deleted?: number;
  absent?: number;
  failed?: number;
  planned?: number;
}

const COLUMNS = ['rows', 'accepted', 'duplicates', 'protected', 'rejected', 'skipped', 'deleted', 'absent', 'failed', 'planned'] as const;

/** Adds to the counts; call it inside a transaction. */
export type AddToTally = (change: TallyChange) => void;

export function prepareTally(db: DatabaseSync): AddToTally {
  const update: StatementSync = db.prepare(`UPDATE tally SET ${COLUMNS.map((column) => `${column} = ${column} + ?`).join(', ')}`);
  return (change) => {
    update.run(...COLUMNS.map((column) => change[column] ?? 0));
  };
}
