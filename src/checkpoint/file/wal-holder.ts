import { DatabaseSync } from 'node:sqlite';

/** A connection that only reads, and does nothing. */
export interface WalHolder {
  release(): void;
}

/**
 * Keeps the WAL where it is when the process ends without closing the checkpoint (a second signal, a defect): Node then closes the
 * ledger's connection behind its back, and SQLite moves the WAL into the file and removes it where that connection was the last. The file
 * would still say that a run is open, and be taken for one whose WAL was lost. A connection that only reads can remove nothing.
 */
export function holdWal(path: string): WalHolder {
  const db = new DatabaseSync(path, { readOnly: true });
  // A connection takes part only once it has read.
  db.prepare('SELECT count(*) FROM sqlite_schema').get();
  return { release: () => db.close() };
}
