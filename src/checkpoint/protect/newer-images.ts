import { DatabaseSync, type StatementSync } from 'node:sqlite';

import { matchKey } from '../../domain/spelling/match-key.ts';
import { RowsByKey } from '../find/rows-by-key.ts';
import { type IdKey, idOfKey, idToKey } from '../format/id-key.ts';

/** How an ID is found among the newer images: as it stands, or by a spelling near the one of `nearEntry`. */
export interface NewerHit {
  readonly nearEntry: string | undefined;
}

/**
 * The images of the account that are newer than an age, from when its list is read until all of it was: half a list protects
 * nothing. A nameless SQLite database keeps them out of memory and ends with the process, so that ten million take no more of it than
 * the table by which they are found. They are compared by the key by which entries of exclude files are.
 */
export class NewerImages implements Disposable {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #read: StatementSync;
  readonly #rows: RowsByKey;
  #count = 0;

  constructor() {
    this.#db = new DatabaseSync('');
    this.#db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE newer (key NOT NULL, id TEXT NOT NULL)');
    this.#insert = this.#db.prepare('INSERT INTO newer (key, id) VALUES (?, ?)');
    this.#read = this.#db.prepare('SELECT id FROM newer WHERE rowid = ?');
    this.#rows = new RowsByKey(this.#db, { table: 'newer', row: 'rowid', key: 'key' });
  }

  get count(): number {
    return this.#count;
  }

  add(ids: readonly string[]): void {
    this.#db.exec('BEGIN');
    for (const id of ids) this.#add(id);
    this.#db.exec('COMMIT');
  }

  #add(id: string): void {
    const key = keyOf(idToKey(id));
    if (this.#idsWith(key).includes(id)) return;
    this.#rows.add(key, Number(this.#insert.run(key, id).lastInsertRowid));
    this.#count++;
  }

  /** @param idKey - how the ID lies in SQLite */
  find(idKey: IdKey): NewerHit | undefined {
    const found = this.#idsWith(keyOf(idKey));
    if (found[0] === undefined) return undefined;
    return { nearEntry: found.includes(idOfKey(idKey)) ? undefined : found[0] };
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #idsWith(key: IdKey): string[] {
    return this.#rows
      .findAll(key)
      .map((row) => String(this.#read.get(row)?.['id']))
      .toSorted();
  }
}

/** What the account lists need not be an ID that could be sent: it is compared all the same. A UUID in small letters is its own key. */
function keyOf(idKey: IdKey): IdKey {
  return typeof idKey === 'string' ? idToKey(matchKey(idKey)) : idKey;
}
