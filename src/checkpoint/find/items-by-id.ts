import type { DatabaseSync } from 'node:sqlite';

import { theRow } from '../read-facts.ts';
import type { HashOf } from './hash-of-key.ts';
import { RowsByKey } from './rows-by-key.ts';

/** Which item has an ID. */
export class ItemsById extends RowsByKey {
  /** Which items the table was made of, where it is looked at by several connections. */
  #itemsBefore = '';

  constructor(db: DatabaseSync, hashOf?: HashOf) {
    super(db, { table: 'item', row: 'seq', key: 'id' }, hashOf);
  }

  override use(db: DatabaseSync): void {
    super.use(db);
    const items = itemsOf(db);
    if (this.#itemsBefore !== items) this.release();
    this.#itemsBefore = items;
  }
}

/** Another text once items were added or given other numbers. */
function itemsOf(db: DatabaseSync): string {
  const { reading, next_seq: nextSeq } = theRow(db, 'SELECT reading, next_seq FROM state');
  return `${Number(reading)} ${Number(nextSeq)}`;
}
