import type { DatabaseSync, StatementSync } from 'node:sqlite';

import type { IdKey } from '../format/id-key.ts';
import { type HashOf, seededHash } from './hash-of-key.ts';
import { RowTable } from './row-table.ts';

/** A table whose rows are looked up by a column that has no index. */
export interface KeyedTable {
  readonly table: string;
  /** The column of a row's number. */
  readonly row: string;
  /** The column of its key: a text, or bytes. */
  readonly key: string;
}

/**
 * Which rows of a table have a key. The file has no index of keys: this one lies in memory, is made of the rows when it is first asked,
 * and what it says is compared with the file. So nothing is wrong with an entry whose row is not there, or is another key's by
 * now, such as one of a transaction that failed.
 */
export class RowsByKey {
  readonly #keyed: KeyedTable;
  readonly #hashOf: HashOf;
  #db: DatabaseSync;
  #hasKey: StatementSync;
  #table: RowTable | undefined;

  /** @param hashOf - given by tests: with one hash for all keys, all of it must hold as well */
  constructor(db: DatabaseSync, keyed: KeyedTable, hashOf: HashOf = seededHash()) {
    this.#keyed = keyed;
    this.#hashOf = hashOf;
    this.#db = db;
    this.#hasKey = prepareHasKey(db, keyed);
  }

  /** Goes on with another connection to the same file. */
  use(db: DatabaseSync): void {
    this.#db = db;
    this.#hasKey = prepareHasKey(db, this.#keyed);
  }

  /** @returns the number of a row with this key */
  find(key: IdKey): number | undefined {
    return this.#loaded().find(this.#hashOf(key), (row) => this.#hasKey.get(row, key) !== undefined);
  }

  /** The numbers of all rows with this key. */
  findAll(key: IdKey): number[] {
    const rows: number[] = [];
    this.#loaded().find(this.#hashOf(key), (row) => {
      if (this.#hasKey.get(row, key) !== undefined) rows.push(row);
      return false;
    });
    return rows;
  }

  /** Call it for each row that is inserted or gets another number, before another row is looked up. */
  add(key: IdKey, row: number): void {
    this.#loaded().add(this.#hashOf(key), row);
  }

  /** Gives the memory back. Asked again, it reads the rows again. */
  release(): void {
    this.#table = undefined;
  }

  #loaded(): RowTable {
    if (this.#table !== undefined) return this.#table;
    const { table: name, row, key } = this.#keyed;
    const table = new RowTable();
    const select = this.#db.prepare(`SELECT ${row}, ${key} FROM ${name}`);
    // As arrays: as objects, a row takes twice as long.
    select.setReturnArrays(true);
    for (const [number, stored] of select.iterate() as unknown as Iterable<readonly [number, IdKey]>)
      table.add(this.#hashOf(stored), number);
    return (this.#table = table);
  }
}

function prepareHasKey(db: DatabaseSync, { table, row, key }: KeyedTable): StatementSync {
  return db.prepare(`SELECT 1 FROM ${table} WHERE ${row} = ? AND +${key} = ?`);
}
