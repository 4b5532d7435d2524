import type { DatabaseSync, StatementSync } from 'node:sqlite';

import type { ImageId } from '../domain/image-id.ts';
import { openDatabaseToRead } from './file/database.ts';
import { ItemsById } from './find/items-by-id.ts';
import { idToKey } from './format/id-key.ts';
import { theRow } from './read-facts.ts';

const BITS_PER_BYTE = 8;

/** Which pending IDs of a checkpoint another list holds. The checkpoint is only read; a bit for each of its rows is kept in memory. */
export class MetPending {
  readonly #db: DatabaseSync;
  readonly #items: ItemsById;
  readonly #isPending: StatementSync;
  readonly #met: Uint8Array;
  #metCount = 0;

  /** @param path - of a checkpoint whose lock this process holds */
  constructor(path: string) {
    this.#db = openDatabaseToRead(path);
    this.#items = new ItemsById(this.#db);
    this.#isPending = this.#db.prepare(`
      SELECT 1 FROM state WHERE ?1 >= reading_start_seq AND NOT EXISTS (SELECT 1 FROM result WHERE result.item = ?1)`);
    const last = Number(theRow(this.#db, 'SELECT coalesce(max(seq), 0) AS n FROM item')['n']);
    this.#met = new Uint8Array(Math.floor(last / BITS_PER_BYTE) + 1);
  }

  /** @returns how many pending IDs have been met so far, each counted once */
  meet(ids: readonly ImageId[]): number {
    for (const id of ids) {
      const seq = this.#items.find(idToKey(id));
      if (seq !== undefined && this.#isPending.get(seq) !== undefined) this.#note(seq);
    }
    return this.#metCount;
  }

  close(): void {
    this.#db.close();
  }

  #note(seq: number): void {
    const at = Math.floor(seq / BITS_PER_BYTE);
    const bit = 1 << (seq % BITS_PER_BYTE);
    const byte = this.#met[at] ?? 0;
    if ((byte & bit) !== 0) return;
    this.#met[at] = byte | bit;
    this.#metCount++;
  }
}
