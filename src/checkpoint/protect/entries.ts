import type { DatabaseSync, StatementSync } from 'node:sqlite';

import type { ImageId } from '../../domain/image-id.ts';
import { RowsByKey } from '../find/rows-by-key.ts';
import { type IdKey, idOfKey, idToKey, keyToId, matchKeyOf } from '../format/id-key.ts';

/** A row of an exclude file that means one ID. */
export interface Entry {
  readonly id: ImageId;
  readonly rule: number;
  readonly line: number;
  readonly isLiteral: boolean;
}

/**
 * The IDs of exclude files, by the key by which they protect. Each is stored once, however many rows name it: the first one holds. They are
 * appended, and found by a table in memory.
 */
export class Entries {
  readonly #rows: RowsByKey;
  readonly #insert: StatementSync;
  readonly #read: StatementSync;

  constructor(db: DatabaseSync) {
    this.#rows = new RowsByKey(db, { table: 'protect_entry', row: 'rowid', key: 'key' });
    this.#insert = db.prepare('INSERT INTO protect_entry (key, id, rule, line) VALUES (?, ?, ?, ?)');
    this.#read = db.prepare(
      'SELECT id, rule, line, is_literal FROM protect_entry JOIN protect_rule ON number = rule WHERE protect_entry.rowid = ?',
    );
  }

  /** Call it inside a transaction. */
  add(id: ImageId, rule: number, line: number): void {
    const idKey = idToKey(id);
    const key = keyOf(idKey);
    if (this.#rows.findAll(key).some((row) => this.#entry(row, key)?.id === id)) return;
    // The ID is empty where it is the key itself.
    const { lastInsertRowid } = this.#insert.run(key, key === idKey ? '' : idKey, rule, line);
    this.#rows.add(key, Number(lastInsertRowid));
  }

  /** Those by which an ID may be held, in the order of rules and lines. @param idKey - the ID in the file's form */
  near(idKey: IdKey): readonly Entry[] {
    const key = keyOf(idKey);
    const rows = this.#rows.findAll(key);
    if (rows.length === 0) return NONE;
    const entries = rows.flatMap((row) => this.#entry(row, key) ?? []);
    return entries.toSorted((a, b) => a.rule - b.rule || a.line - b.line);
  }

  /** Gives the memory back. Asked again, it reads the entries again. */
  release(): void {
    this.#rows.release();
  }

  #entry(row: number, key: IdKey): Entry | undefined {
    const found = this.#read.get(row);
    if (found === undefined) return undefined;
    const { id, rule, line, is_literal: isLiteral } = found;
    return { id: keyToId(id === '' ? key : id), rule: Number(rule), line: Number(line), isLiteral: isLiteral === 1 };
  }
}

const NONE: readonly Entry[] = [];

/** A UUID in small letters is its own key. */
function keyOf(idKey: IdKey): IdKey {
  return typeof idKey === 'string' ? matchKeyOf(idOfKey(idKey)) : idKey;
}
