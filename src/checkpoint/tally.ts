import type { DatabaseSync, StatementSync } from 'node:sqlite';

export const TALLY_COLUMNS = [
  'rows',
  'accepted',
  'duplicates',
  'protected',
  'rejected',
  'skipped',
  'deleted',
  'absent',
  'failed',
  'planned',
] as const;

/** Changes to the counts, added up in memory and written once a transaction. */
export type TallyChange = { readonly [K in (typeof TALLY_COLUMNS)[number]]?: number };

/** Adds to the counts; call it inside a transaction. */
export type AddToTally = (change: TallyChange) => void;

export function prepareTally(db: DatabaseSync): AddToTally {
  const update: StatementSync = db.prepare(`UPDATE tally SET ${TALLY_COLUMNS.map((column) => `${column} = ${column} + ?`).join(', ')}`);
  return (change) => {
    update.run(...TALLY_COLUMNS.map((column) => change[column] ?? 0));
  };
}
