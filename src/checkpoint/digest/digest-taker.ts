import type { DatabaseSync } from 'node:sqlite';

import { SetDigest } from './set-digest.ts';
import { inTransaction } from '../file/transaction.ts';
import type { ItemsById } from '../find/items-by-id.ts';
import { type IdKey, keyToId } from '../format/id-key.ts';
import { OUTCOME_NUMBER } from '../format/outcomes.ts';
import { readDefinition } from '../read-facts.ts';

/** Keys are texts and blobs, and numbers come before both. */
const BEFORE_EVERY_KEY = 0;
const BEFORE_EVERY_ITEM = -1;

/** Takes the digest of the accepted IDs, once. It is asked in a loop, so that the ledger's thread is free for others in between. */
export class DigestTaker {
  readonly #db: DatabaseSync;
  readonly #items: ItemsById;
  readonly #set: SetDigest;
  #itemCursor = BEFORE_EVERY_ITEM;
  #otherCursor: string | number | Uint8Array = BEFORE_EVERY_KEY;
  readonly #isTaken: boolean;
  #areItemsDone = false;
  #itemCount = 0;

  /** @param taken - of all IDs, where their reading has summed them up; else they are read again */
  constructor(db: DatabaseSync, items: ItemsById, taken?: SetDigest) {
    this.#db = db;
    this.#items = items;
    this.#set = taken ?? new SetDigest();
    this.#isTaken = taken !== undefined;
    this.#itemCount = this.#set.count;
  }

  /** Adds some of the IDs. @returns whether there may be more; `false`: the digest is on record */
  addSome(countMax: number): boolean {
    if (!this.#isTaken && !this.#areItemsDone) {
      this.#areItemsDone = this.#addItems(countMax) < countMax;
      if (this.#areItemsDone) this.#itemCount = this.#set.count;
      return true;
    }
    if (!this.#isTaken && this.#addOthers(countMax) === countMax) return true;
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
      .prepare('SELECT id FROM other_shard WHERE id > ? AND is_protected = 0 ORDER BY id LIMIT ?')
      .all(this.#otherCursor, countMax);
    for (const { id } of rows) if (!this.#isItem(id)) this.#set.add(keyToId(id));
    this.#otherCursor = (rows.at(-1)?.['id'] as string | Uint8Array | undefined) ?? this.#otherCursor;
    return rows.length;
  }

  #countOthersProtected(): number {
    let count = 0;
    for (const { id } of this.#db.prepare('SELECT id FROM other_shard WHERE is_protected = 1').iterate()) if (!this.#isItem(id)) count++;
    return count;
  }

  #isItem(id: unknown): boolean {
    return this.#items.find(id as IdKey) !== undefined;
  }

  #store(): void {
    const db = this.#db;
    inTransaction(db, () => {
      const definition = readDefinition(db);
      db.prepare('UPDATE state SET digest = ?, set_size = ?').run(this.#set.toText(definition), this.#set.count);
      const otherShardsCount = this.#set.count - this.#itemCount;
      const otherShardsProtectedCount = this.#countOthersProtected();
      db.prepare('UPDATE definition SET json = ?').run(JSON.stringify({ ...definition, otherShardsCount, otherShardsProtectedCount }));
      db.exec('DELETE FROM other_shard');
    });
    this.#items.release();
  }
}
