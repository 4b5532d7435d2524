import { DatabaseSync } from 'node:sqlite';

import type { ImageId } from '../domain/image-id.ts';

/**
 * Keeps protected IDs from when they are read until the checkpoint is open. A nameless SQLite database keeps them out of
 * memory and ends with the process. Exclude files may be pipes, so they can be read only once.
 */
export class StagedIds {
  #db: DatabaseSync | undefined;

  add(ids: readonly ImageId[]): void {
    this.#db ??= createStage();
    const insert = this.#db.prepare('INSERT INTO staged VALUES (?)');
    this.#db.exec('BEGIN');
    for (const id of ids) insert.run(id);
    this.#db.exec('COMMIT');
  }

  *batches(countMax: number): Generator<ImageId[]> {
    if (this.#db === undefined) return;
    let batch: ImageId[] = [];
    for (const row of this.#db.prepare('SELECT id FROM staged').iterate()) {
      batch.push(row['id'] as ImageId);
      if (batch.length < countMax) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  close(): void {
    this.#db?.close();
    this.#db = undefined;
  }
}

function createStage(): DatabaseSync {
  const db = new DatabaseSync('');
  db.exec('CREATE TABLE staged (id TEXT NOT NULL)');
  return db;
}
