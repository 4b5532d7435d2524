import type { DatabaseSync } from 'node:sqlite';

import { SetDigest } from './set-digest.ts';
import { inTransaction } from '../file/transaction.ts';
import { keyToId } from '../format/id-key.ts';
import { OUTCOME_NUMBER } from '../format/outcomes.ts';
import { readDefinition } from '../read-facts.ts';

/** Keys are texts and blobs, and numbers come before both. */
const BEFORE_EVERY_KEY = 0;
const BEFORE_EVERY_ITEM = -1;

const COUNT_PROTECTED =
  'SELECT count(*) AS count FROM other_shard WHERE is_protected = 1 AND NOT EXISTS (SELECT 1 FROM item WHERE item.id = other_shard.id)';

/** Takes the digest of the accepted IDs, once. It is asked in a loop, so that the ledger's thread is free for others in between. */
export class DigestTaker {
  readonly #db: DatabaseSync;
  readonly #set: SetDigest = new SetDigest();
  #itemCursor = BEFORE_EVERY_ITEM;
  #otherCursor: string | number | Uint8Array = BEFORE_EVERY_KEY;
  #areItemsDone = false;
  #itemCount = 0;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Adds some of the IDs. @returns whether there may be more; `false`: the digest is on record */
  addSome(countMax: number): boolean {
    if (!this.#areItemsDone) {
      this.#areItemsDone = this.#addItems(countMax) < countMax;
      if (this.#areItemsDone) this.#itemCount = this.#set.count;
      return true;
    }
    if (this.#addOthers(countMax) === countMax) return true;
    this.#store();
    return false;
  }

  /** What an earlier reading met alone is not in the set. Protected items are not in it, whatever has become of the others by now. */
  #addItems(countMax: number): number {
    const rows = this.#db
      .prepare(
        `SELECT seq, id, (SELECT outcome FROM result WHERE result.item = seq) AS outcome FROM item
        WHERE seq > ? AND (seq >= (SELECT reading_start_seq FROM state) OR seq IN (SELECT item FROM met)) ORDER BY seq LIMIT ?`,
      )
      .all(this.#itemCursor, countMax);
    for (const { id, outcome } of rows) if (outcome !== OUTCOME_NUMBER.protected) this.#set.add(keyToId(id));
    this.#itemCursor = Number(rows.at(-1)?.['seq'] ?? this.#itemCursor);
    return rows.length;
  }

  /** An ID that this shard sent before it was given another number is in both tables. */
  #addOthers(countMax: number): number {
    const rows = this.#db
      .prepare(
        `SELECT id, EXISTS (SELECT 1 FROM item WHERE item.id = other_shard.id) AS is_item FROM other_shard
        WHERE id > ? AND is_protected = 0 ORDER BY id LIMIT ?`,
      )
      .all(this.#otherCursor, countMax);
    for (const { id, is_item: isItem } of rows) if (isItem === 0) this.#set.add(keyToId(id));
    this.#otherCursor = (rows.at(-1)?.['id'] as string | Uint8Array | undefined) ?? this.#otherCursor;
    return rows.length;
  }

  #store(): void {
    const db = this.#db;
    inTransaction(db, () => {
      const definition = readDefinition(db);
      db.prepare('UPDATE state SET digest = ?, set_size = ?').run(this.#set.toText(definition), this.#set.count);
      const otherShardsCount = this.#set.count - this.#itemCount;
      const otherShardsProtectedCount = Number(db.prepare(COUNT_PROTECTED).get()?.['count']);
      db.prepare('UPDATE definition SET json = ?').run(JSON.stringify({ ...definition, otherShardsCount, otherShardsProtectedCount }));
      db.exec('DELETE FROM other_shard');
    });
  }
}
