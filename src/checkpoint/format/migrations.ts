import type { DatabaseSync } from 'node:sqlite';

import { moveProtectedIds } from './move-protected.ts';
import { inTransaction } from '../file/transaction.ts';
import { FORMAT_1_TABLES } from './format-1.ts';

/** What one format adds to the one before it. JSON (the definition) needs no step: its reader supplies what older ones lack. */
export interface FormatStep {
  readonly tables: readonly { readonly name: string; readonly columns: string }[];
  readonly columns: readonly AddedColumn[];
  /** Tables that a new checkpoint has in another form. An older one keeps its own: what is done with it does not depend on the form. */
  readonly formsOfNew?: readonly { readonly name: string; readonly columns: string }[];
  /** Tables that get another form of the same columns, their rows kept. Where an older checkpoint is only read, it keeps its own. */
  readonly remade?: readonly { readonly name: string; readonly columns: string }[];
  /** Fills the new tables from older ones. Not carried out where an older checkpoint is only read. */
  readonly fill?: (db: DatabaseSync) => void;
}

export interface AddedColumn {
  readonly table: string;
  readonly name: string;
  readonly type: 'INTEGER' | 'TEXT' | 'BLOB';
  /** An SQL literal: the value in rows that were written before. Unless it is NULL, the column is NOT NULL. */
  readonly valueBefore: string;
}

/**
 * `FORMAT_STEPS[n]` makes format n + 2 of format n + 1. Frozen: a new format is a new step at the end. The steps define the
 * tables of a new checkpoint, the migration of an older one, and what is supplied when an older one is only read.
 */
export const FORMAT_STEPS: readonly FormatStep[] = [
  {
    // Requests by lane, in reservations: `count` requests may have been sent up to this time.
    tables: [
      {
        name: 'permit',
        columns: '(lane TEXT NOT NULL, at_wall_ms INTEGER NOT NULL, at_boot_ms INTEGER, boot_id TEXT, count INTEGER NOT NULL)',
      },
    ],
    columns: [],
  },
  {
    // What protects: exclude files are rules, their IDs entries. An entry protects by its key (`domain/spelling/match-key.ts`); its `id` is
    // empty where it is the key itself. `held` says which entry holds a protected item; `entry` is NULL where it is the same ID.
    // `suspicious` counts what looks wrong among the accepted IDs. `other_shard` has the IDs of other shards, accepted or protected.
    tables: [
      {
        name: 'protect_rule',
        columns: `(
          number INTEGER PRIMARY KEY, name TEXT NOT NULL, path TEXT NOT NULL UNIQUE,
          is_literal INTEGER NOT NULL, column_name TEXT, entries INTEGER NOT NULL, held INTEGER NOT NULL, near INTEGER NOT NULL
        )`,
      },
      {
        name: 'protect_entry',
        columns: '(key NOT NULL, id NOT NULL, rule INTEGER NOT NULL, line INTEGER NOT NULL, PRIMARY KEY (key, id)) WITHOUT ROWID',
      },
      { name: 'protect_pattern', columns: '(pattern TEXT PRIMARY KEY, rule INTEGER NOT NULL, line INTEGER NOT NULL) WITHOUT ROWID' },
      { name: 'held', columns: '(item INTEGER PRIMARY KEY, rule INTEGER NOT NULL, line INTEGER NOT NULL, entry TEXT)' },
      {
        name: 'suspicious',
        columns: '(kind TEXT PRIMARY KEY, count INTEGER NOT NULL, example TEXT NOT NULL, source INTEGER NOT NULL, line INTEGER NOT NULL)',
      },
      { name: 'other_shard', columns: '(id PRIMARY KEY, is_protected INTEGER NOT NULL) WITHOUT ROWID' },
      // Items with an outcome that a second reading has met.
      { name: 'met', columns: '(item INTEGER PRIMARY KEY)' },
    ],
    columns: [
      { table: 'state', name: 'digest', type: 'TEXT', valueBefore: 'NULL' },
      { table: 'state', name: 'set_size', type: 'INTEGER', valueBefore: 'NULL' },
      { table: 'state', name: 'repeated_json', type: 'TEXT', valueBefore: 'NULL' },
      { table: 'source', name: 'absolute_path', type: 'TEXT', valueBefore: 'NULL' },
      { table: 'source', name: 'opened_size_bytes', type: 'INTEGER', valueBefore: 'NULL' },
      { table: 'source', name: 'opened_modified_ms', type: 'INTEGER', valueBefore: 'NULL' },
    ],
    fill: moveProtectedIds,
  },
  {
    // A rule of `--exclude-id`: its pattern. NULL for an exclude file.
    tables: [],
    columns: [{ table: 'protect_rule', name: 'glob', type: 'TEXT', valueBefore: 'NULL' }],
  },
  {
    // A sum of each item's number and ID (`sound-item.ts`). A new checkpoint has no index of IDs, which took a third of its bytes.
    // What protects is in the order in which it came, and found by a table in memory (`find/rows-by-key.ts`), as items are.
    tables: [],
    columns: [{ table: 'item', name: 'sum', type: 'INTEGER', valueBefore: 'NULL' }],
    formsOfNew: [
      {
        name: 'item',
        columns: '(seq INTEGER PRIMARY KEY, id NOT NULL, source INTEGER NOT NULL, line INTEGER NOT NULL, sum INTEGER NOT NULL)',
      },
    ],
    remade: [{ name: 'protect_entry', columns: '(key NOT NULL, id NOT NULL, rule INTEGER NOT NULL, line INTEGER NOT NULL)' }],
  },
];

/** `PRAGMA user_version` of the present format. */
export const FORMAT_VERSION: number = versionAfter(FORMAT_STEPS);

function versionAfter(steps: readonly FormatStep[]): number {
  return steps.length + 1;
}

/** Makes the tables of the present format in an empty database, with the steps that migrate an older one. Call it inside a transaction. */
export function createTables(db: DatabaseSync, steps: readonly FormatStep[] = FORMAT_STEPS): void {
  const forms = steps.flatMap(({ formsOfNew = [] }) => formsOfNew);
  db.exec(`${FORMAT_1_TABLES} ${stepsFrom(1, steps)}`);
  for (const { name, columns } of forms) db.exec(`DROP TABLE ${name}; CREATE TABLE ${name} ${columns}`);
}

/** Brings an older checkpoint to the present format in one transaction. The caller holds the lock. */
export function migrate(db: DatabaseSync, fromVersion: number, steps: readonly FormatStep[] = FORMAT_STEPS): void {
  inTransaction(db, () => {
    db.exec(stepsFrom(fromVersion, steps));
    for (const step of steps.slice(fromVersion - 1)) step.fill?.(db);
  });
}

function stepsFrom(version: number, steps: readonly FormatStep[]): string {
  const statements = steps.slice(version - 1).flatMap(({ tables, columns, remade = [] }) => [
    ...tables.map((table) => `CREATE TABLE ${table.name} ${table.columns};`),
    ...columns.map(({ table, name, type, valueBefore }) => {
      const isNeverNull = valueBefore !== 'NULL';
      return `ALTER TABLE ${table} ADD COLUMN ${name} ${type}${isNeverNull ? ` NOT NULL DEFAULT ${valueBefore}` : ''};`;
    }),
    ...remade.map(
      ({ name, columns: form }) =>
        `ALTER TABLE ${name} RENAME TO ${name}_before; CREATE TABLE ${name} ${form};
        INSERT INTO ${name} SELECT * FROM ${name}_before; DROP TABLE ${name}_before;`,
    ),
  ]);
  return [...statements, `PRAGMA user_version = ${versionAfter(steps)};`].join('\n');
}

/**
 * Lets an older checkpoint be read as one of the present format, without changing the file. Temporary tables and views of
 * this connection hide the tables that lack something: SQLite looks up a name among them first.
 */
export function supplyMissing(db: DatabaseSync, version: number, steps: readonly FormatStep[] = FORMAT_STEPS): void {
  const missing = steps.slice(version - 1);
  if (missing.length === 0) return;
  const newTables = missing.flatMap(({ tables }) => tables);
  const newColumns = Map.groupBy(
    missing.flatMap(({ columns }) => columns),
    ({ table }) => table,
  );
  const statements = newTables.map(({ name, columns }) => `CREATE TEMP TABLE ${name} ${columns};`);
  for (const [table, columns] of newColumns) {
    const isNew = newTables.some(({ name }) => name === table);
    const added = columns.map(({ name, valueBefore }) => `${valueBefore} AS ${name}`).join(', ');
    if (isNew) statements.push(...columns.map(({ name, type }) => `ALTER TABLE temp.${table} ADD COLUMN ${name} ${type};`));
    else statements.push(`CREATE TEMP VIEW ${table} AS SELECT *, ${added} FROM main.${table};`);
  }
  // In memory, because there may be no folder for temporary files. They hold no rows.
  db.exec(`PRAGMA temp_store = MEMORY; ${statements.join('\n')}`);
}
