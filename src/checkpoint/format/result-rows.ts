import type { DatabaseSync, SQLInputValue } from 'node:sqlite';

import { type AnsweredOutcome, FIELD_LIST, type FieldKind, type NamedField, type ResultValue } from '../../domain/result-fields.ts';
import { OUTCOME_NUMBER } from './outcomes.ts';
import { storedCode, storedTime } from './stored.ts';

/** How the fields of a result are stored in the tables `result` and `detail`. Only this writes rows to them. */
export interface ResultRows {
  /** @param values - in the order of `FIELD_LIST` */
  insertAnswered(item: number, outcome: AnsweredOutcome, values: readonly ResultValue[]): void;
  /** @param isUnknown - it was sent before it was protected, and had no answer */
  insertUnsent(item: number, outcome: 'protected' | 'planned', atMs: number, isUnknown?: boolean): void;
}

/** The time in the row of a protected ID, which has none. */
export const NEVER_MS = 0;

const RESULT_TABLE = FIELD_LIST.filter(({ table }) => table === 'result');
const DETAIL_TABLE = FIELD_LIST.filter(({ table }) => table === 'detail');

/** The fields as columns of a `SELECT` from `result` with `detail` joined to it, for {@link readValues}. */
export const SELECTED_FIELDS: string = FIELD_LIST.map(({ table, column, key }) => `${table}.${column} AS ${key}`).join(', ');

export function prepareResultRows(db: DatabaseSync): ResultRows {
  const insertResult = db.prepare(insertInto('result', ['item', 'outcome'], RESULT_TABLE));
  const insertDetail = db.prepare(insertInto('detail', ['item'], DETAIL_TABLE));
  // Filled again for each row: thousands of rows are inserted in one transaction.
  const resultRow: SQLInputValue[] = [0, 0, ...RESULT_TABLE.map(() => null)];
  const detailRow: SQLInputValue[] = [0, ...DETAIL_TABLE.map(() => null)];

  return {
    insertAnswered(item, outcome, values) {
      resultRow[0] = item;
      resultRow[1] = OUTCOME_NUMBER[outcome];
      for (let at = 0; at < RESULT_TABLE.length; at++) resultRow[at + 2] = toStored(values[RESULT_TABLE[at]?.index ?? -1]);
      insertResult.run(...resultRow);
      if (outcome !== 'failed') return;
      detailRow[0] = item;
      for (let at = 0; at < DETAIL_TABLE.length; at++) detailRow[at + 1] = toStored(values[DETAIL_TABLE[at]?.index ?? -1]);
      insertDetail.run(...detailRow);
    },
    insertUnsent(item, outcome, atMs, isUnknown = false) {
      insertResult.run(item, OUTCOME_NUMBER[outcome], ...RESULT_TABLE.map(({ kind }) => unsentValue(kind, atMs, isUnknown)));
    },
  };
}

/** The value in the row of an ID that was never sent. 0 takes no byte in SQLite's record format. */
function unsentValue(kind: FieldKind, atMs: number, isUnknown: boolean): SQLInputValue {
  switch (kind) {
    case 'number':
      return 0;
    // The only flag.
    case 'flag':
      return isUnknown ? 1 : 0;
    case 'optional number':
    case 'optional text':
    case 'optional code':
      return null;
    case 'time':
      return atMs;
  }
}

function insertInto(table: string, keyColumns: readonly string[], fields: readonly NamedField[]): string {
  const columns = [...keyColumns, ...fields.map(({ column }) => column)];
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
}

function toStored(value: ResultValue): SQLInputValue {
  if (value === undefined) return null;
  return typeof value === 'boolean' ? (value ? 1 : 0) : value;
}

/** The values of a row that was selected with {@link SELECTED_FIELDS}, in the order of `FIELD_LIST`. */
export function readValues(row: Readonly<Record<string, unknown>>): ResultValue[] {
  return FIELD_LIST.map(({ key, kind }) => fromStored(kind, row[key]));
}

function fromStored(kind: FieldKind, stored: unknown): ResultValue {
  switch (kind) {
    case 'number':
      return Number(stored);
    case 'optional number':
      return typeof stored === 'number' ? stored : undefined;
    case 'optional text':
      return typeof stored === 'string' ? stored : undefined;
    case 'optional code':
      return storedCode(stored);
    case 'flag':
      return stored === 1;
    case 'time':
      return storedTime(stored);
  }
}
