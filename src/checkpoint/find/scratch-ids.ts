import { DatabaseSync, type StatementSync } from 'node:sqlite';

import { storageError } from '../../domain/errors.ts';
import { matchKey } from '../../domain/spelling/match-key.ts';
import { sqliteCode } from '../file/sqlite-error.ts';
import { inTransaction } from '../file/transaction.ts';
import { idToKey, keyToId } from '../format/id-key.ts';
import { type HashOf, seededHash } from './hash-of-key.ts';
import { RowTable } from './row-table.ts';

/** An ID that was looked for is there: as it stands, or by a spelling near the one of `nearEntry`. */
export interface ScratchHit {
  readonly nearEntry: string | undefined;
}

/**
 * A set of IDs that a run needs for a while, found in all their spellings, by the key by which entries of exclude files are.
 *
 * They lie in a nameless SQLite file, one behind the other, which ends with the process; a table in memory says where each may be. So
 * ten million take 90 MB, and adding one takes as long as it does at the beginning. What is found is always read in the file: an image
 * must not be chosen by a hash.
 */
export class ScratchIds implements Disposable {
  readonly #db: DatabaseSync = new DatabaseSync('');
  readonly #insert: StatementSync;
  readonly #read: StatementSync;
  readonly #rows: RowTable = new RowTable();
  readonly #hashOf: HashOf;
  #count = 0;

  /** @param hashOf - given by tests: with one hash for all IDs, all of it must hold as well */
  constructor(hashOf: HashOf = seededHash()) {
    this.#hashOf = hashOf;
    this.#db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE scratch (row INTEGER PRIMARY KEY, id NOT NULL)');
    this.#insert = this.#db.prepare('INSERT INTO scratch (row, id) VALUES (?, ?)');
    this.#read = this.#db.prepare('SELECT id FROM scratch WHERE row = ?');
  }

  get count(): number {
    return this.#count;
  }

  /** What is there already changes nothing. */
  add(ids: readonly string[]): void {
    withScratch(() => inTransaction(this.#db, () => ids.forEach((id) => this.#addOne(id))));
  }

  find(id: string): ScratchHit | undefined {
    const key = matchKey(id);
    let nearEntry: string | undefined;
    const row = withScratch(() =>
      this.#rows.find(this.#hashOf(key), (candidate) => {
        const entry = this.#idAt(candidate);
        if (entry !== id && matchKey(entry) === key) nearEntry ??= entry;
        return entry === id;
      }),
    );
    if (row !== undefined) return { nearEntry: undefined };
    return nearEntry === undefined ? undefined : { nearEntry };
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #addOne(id: string): void {
    const hash = this.#hashOf(matchKey(id));
    if (this.#rows.find(hash, (row) => this.#idAt(row) === id) !== undefined) return;
    const row = this.#count + 1;
    this.#insert.run(row, idToKey(id));
    this.#rows.add(hash, row);
    this.#count = row;
  }

  #idAt(row: number): string {
    const id = this.#read.get(row)?.['id'];
    // What the account lists need not be an ID that could be sent: it is compared all the same.
    return typeof id === 'string' ? id : keyToId(id);
  }
}

function withScratch<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (sqliteCode(error) === undefined) throw error;
    const cause = error instanceof Error ? error.message : String(error);
    throw storageError(
      'SCRATCH_UNWRITABLE',
      `IDs cannot be kept in a temporary file (${cause}).`,
      ['Make room in the folder for temporary files, or name another: SQLITE_TMPDIR.'],
      error,
    );
  }
}
