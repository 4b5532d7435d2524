import { DatabaseSync, type StatementSync } from 'node:sqlite';

import { matchKey } from '../../domain/spelling/match-key.ts';
import { type IdKey, idToKey } from '../format/id-key.ts';
import { KeyFilter } from './key-filter.ts';

/** How an ID is found among the newer images: as it stands, or by a spelling near the one of `nearEntry`. */
export interface NewerHit {
  readonly nearEntry: string | undefined;
}

/**
 * The images of the account that are newer than an age, from when its list is read until all of it was: half a list protects
 * nothing. A nameless SQLite database keeps them out of memory and ends with the process, so that ten million take no more of it than
 * their filter. They are compared by the key by which entries of exclude files are.
 */
export class NewerImages implements Disposable {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  #filter: KeyFilter | undefined;
  #count = 0;

  constructor() {
    this.#db = new DatabaseSync('');
    this.#db.exec(`
      PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
      CREATE TABLE newer (key NOT NULL, id NOT NULL, PRIMARY KEY (key, id)) WITHOUT ROWID`);
    this.#insert = this.#db.prepare('INSERT OR IGNORE INTO newer (key, id) VALUES (?, ?)');
    this.#find = this.#db.prepare('SELECT id FROM newer WHERE key = ?');
  }

  get count(): number {
    return this.#count;
  }

  add(ids: readonly string[]): void {
    this.#filter = undefined;
    this.#db.exec('BEGIN');
    for (const id of ids) this.#count += Number(this.#insert.run(keyOf(id), id).changes);
    this.#db.exec('COMMIT');
  }

  /** @param idKey - how the ID lies in SQLite */
  find(id: string, idKey: IdKey): NewerHit | undefined {
    // A UUID in small letters is its own key.
    const key = typeof idKey === 'string' ? keyOf(id) : idKey;
    this.#filter ??= this.#filterOfAll();
    if (!this.#filter.mayHave(key)) return undefined;
    const found = this.#find.all(key).map((row) => String(row['id']));
    if (found.includes(id)) return { nearEntry: undefined };
    return found[0] === undefined ? undefined : { nearEntry: found[0] };
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #filterOfAll(): KeyFilter {
    const filter = new KeyFilter(this.#count);
    for (const { key } of this.#db.prepare('SELECT key FROM newer').iterate()) filter.add(key as IdKey);
    return filter;
  }
}

/** What the account lists need not be an ID that could be sent: it is compared all the same. */
function keyOf(id: string): IdKey {
  return idToKey(matchKey(id));
}
