import type { DatabaseSync, StatementSync } from 'node:sqlite';

import type { IdKey } from '../format/id-key.ts';
import { theRow } from '../read-facts.ts';
import { hashOfKey, type HashSeed, randomSeed } from './hash-of-key.ts';
import { type KeyHash, RowTable } from './row-table.ts';

/**
 * Which item has an ID. The file has no index of IDs: this one lies in memory, is made of the items when it is first asked, and what
 * it says is compared with the file. So nothing is wrong with an entry whose item is not there, such as one of a transaction that failed.
 */
export class ItemsById {
  readonly #seed: HashSeed;
  readonly #hash: KeyHash = { high: 0, low: 0 };
  #db: DatabaseSync;
  #hasId: StatementSync;
  #table: RowTable | undefined;
  /** Which items the table was made of. */
  #itemsBefore = '';

  /** @param seed - given by tests: with one hash for all IDs, all of it must hold as well */
  constructor(db: DatabaseSync, seed: HashSeed = randomSeed()) {
    this.#seed = seed;
    this.#db = db;
    this.#hasId = prepareHasId(db);
  }

  /** Goes on with another connection to the same checkpoint. */
  use(db: DatabaseSync): void {
    this.#db = db;
    this.#hasId = prepareHasId(db);
    if (this.#table !== undefined && itemsOf(db) !== this.#itemsBefore) this.release();
  }

  /** @returns the `seq` of the item */
  find(key: IdKey): number | undefined {
    return this.#loaded().find(hashOfKey(key, this.#seed, this.#hash), (seq) => this.#hasId.get(seq, key) !== undefined);
  }

  /** Call it for each item that is inserted or gets another number, in the order that they are. */
  add(key: IdKey, seq: number): void {
    this.#loaded().add(hashOfKey(key, this.#seed, this.#hash), seq);
  }

  /** Gives the memory back. Asked again, it reads the items again. */
  release(): void {
    this.#table = undefined;
  }

  #loaded(): RowTable {
    if (this.#table !== undefined) return this.#table;
    const table = new RowTable();
    this.#itemsBefore = itemsOf(this.#db);
    for (const row of this.#db.prepare('SELECT seq, id FROM item').iterate())
      table.add(hashOfKey(row['id'] as IdKey, this.#seed, this.#hash), Number(row['seq']));
    return (this.#table = table);
  }
}

function prepareHasId(db: DatabaseSync): StatementSync {
  return db.prepare('SELECT 1 FROM item WHERE seq = ? AND id = ?');
}

/** Another text once items were added or given other numbers. */
function itemsOf(db: DatabaseSync): string {
  const { reading, next_seq: nextSeq } = theRow(db, 'SELECT reading, next_seq FROM state');
  return `${Number(reading)} ${Number(nextSeq)}`;
}
