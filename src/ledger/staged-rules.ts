import { DatabaseSync } from 'node:sqlite';

import type { ProtectedBatch } from '../checkpoint/protect/protected-batch.ts';

/**
 * Keeps rows of exclude files from when they are read until the checkpoint is open. A nameless SQLite database keeps them out
 * of memory and ends with the process. Exclude files may be pipes, so they can be read only once.
 */
export class StagedRules {
  #db: DatabaseSync | undefined;

  add(batch: ProtectedBatch): void {
    this.#db ??= createStage();
    this.#db.prepare('INSERT INTO staged VALUES (?)').run(JSON.stringify(batch));
  }

  *batches(): Generator<ProtectedBatch> {
    if (this.#db === undefined) return;
    for (const row of this.#db.prepare('SELECT json FROM staged ORDER BY rowid').iterate())
      yield JSON.parse(String(row['json'])) as ProtectedBatch;
  }

  close(): void {
    this.#db?.close();
    this.#db = undefined;
  }
}

function createStage(): DatabaseSync {
  const db = new DatabaseSync('');
  db.exec('CREATE TABLE staged (json TEXT NOT NULL)');
  return db;
}
