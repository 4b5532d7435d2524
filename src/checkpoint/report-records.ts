import type { DatabaseSync } from 'node:sqlite';

import type { ImageId } from '../domain/image-id.ts';
import type { ListedOutcome } from '../domain/outcome.ts';
import type { Place, ReportRecord } from '../domain/record.ts';
import { FIELD_LIST, replaceUnreported, type ResultKey, type ResultValues } from '../domain/result-fields.ts';
import { theRow } from './read-facts.ts';
import { keyToId } from './format/id-key.ts';
import { protectedRecord } from './protect/protection.ts';
import { readValues, SELECTED_FIELDS } from './format/result-rows.ts';
import { refuseUnsound, SOUNDNESS } from './format/sound-item.ts';
import { OUTCOME_NUMBER, outcomeFromNumber, type StoredOutcome } from './format/outcomes.ts';
import { type Touched, TouchedRows } from './touched.ts';

type Row = Record<string, unknown>;

/** `SELECTED_FIELDS` calls each column by the key of its field. */
const EARLIER_UNKNOWN = 'earlierUnknown' satisfies ResultKey;
const MESSAGE = 'message' satisfies ResultKey;

const ITEM_COLUMNS = `
  item.seq AS seq, ${SOUNDNESS}, item.id AS id, item.line AS line, source.path AS path, outcome, ${SELECTED_FIELDS},
  protect_rule.name AS rule, held.line AS held_line, held.entry AS entry`;
const ITEM_DETAILS = `
  JOIN source ON source.number = item.source LEFT JOIN detail ON detail.item = result.item
  LEFT JOIN held ON held.item = result.item LEFT JOIN protect_rule ON protect_rule.number = held.rule`;
const ANSWERED_ITEMS = `${ITEM_COLUMNS} FROM result JOIN item ON item.seq = result.item ${ITEM_DETAILS}`;
/** Those without a result too. */
const ALL_ITEMS = `${ITEM_COLUMNS} FROM item LEFT JOIN result ON result.item = item.seq ${ITEM_DETAILS}`;

/**
 * Every line a report of this checkpoint holds, or those of some outcomes: IDs in source order, then rejected rows. IDs that are
 * still to be sent are in no report; asked for, they are `pending`, or `planned` where the purge is a plan.
 */
export function* allRecords(db: DatabaseSync, outcomes?: readonly ListedOutcome[]): Generator<ReportRecord> {
  const unsentAs = theRow(db, 'SELECT is_plan FROM state')['is_plan'] === 1 ? 'planned' : 'pending';
  const wantsUnsent = outcomes?.includes(unsentAs) === true;
  const wanted = Object.keys(OUTCOME_NUMBER).filter((outcome) => outcomes === undefined || outcomes.includes(outcome as StoredOutcome));
  const numbers = wanted.map((outcome) => OUTCOME_NUMBER[outcome as StoredOutcome]).join(', ');
  if (wantsUnsent) {
    const rows = db.prepare(`SELECT ${ALL_ITEMS} WHERE outcome IS NULL OR outcome IN (${numbers}) ORDER BY item.seq`);
    for (const row of rows.iterate()) yield row['outcome'] === null ? { outcome: unsentAs, ...placeOf(row) } : itemRecord(row);
  } else if (wanted.length > 0) {
    for (const row of db.prepare(`SELECT ${ANSWERED_ITEMS} WHERE outcome IN (${numbers}) ORDER BY result.item`).iterate())
      yield itemRecord(row);
  }
  if (outcomes === undefined || outcomes.includes('rejected')) {
    for (const row of db.prepare('SELECT raw, reason, line, path FROM rejected JOIN source ON number = source ORDER BY seq').iterate())
      yield rejectedRecord(row);
  }
}

/** The records for the keys of an earlier `Touched`. A key whose row no longer exists is left out. */
export function touchedBy(db: DatabaseSync, keys: readonly number[]): Touched {
  const item = db.prepare(`SELECT ${ANSWERED_ITEMS} WHERE result.item = ?`);
  const rejected = db.prepare('SELECT raw, reason, line, path FROM rejected JOIN source ON number = source WHERE seq = ?');
  const touched = new TouchedRows();
  for (const key of keys) {
    const row = key > 0 ? item.get(key) : rejected.get(-key);
    if (row !== undefined) touched.add(key, key > 0 ? itemRecord(row) : rejectedRecord(row));
  }
  return touched;
}

function itemRecord(row: Row): ReportRecord {
  const place = placeOf(row);
  const outcome = outcomeFromNumber(Number(row['outcome']));
  if (outcome === 'planned') return { outcome, ...place, asked: textOf(row[MESSAGE]) };
  if (outcome === 'protected') return protectedRecord(place, hitOf(row));
  const values = readValues(row);
  replaceUnreported(outcome, values);
  const told = Object.fromEntries(FIELD_LIST.map(({ key, index }) => [key, values[index]])) as unknown as ResultValues;
  return { outcome, ...place, ...told };
}

function placeOf(row: Row): Place & { readonly id: ImageId } {
  refuseUnsound(row);
  return { id: keyToId(row['id']), source: String(row['path']), line: Number(row['line']) };
}

function hitOf(row: Row): Parameters<typeof protectedRecord>[1] {
  const isUnknown = row[EARLIER_UNKNOWN] === 1;
  return { rule: textOf(row['rule']), line: Number(row['held_line'] ?? 0), nearEntry: textOf(row['entry']), isUnknown };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function rejectedRecord(row: Row): ReportRecord {
  return {
    outcome: 'rejected',
    raw: String(row['raw']),
    reason: String(row['reason']),
    source: String(row['path']),
    line: Number(row['line']),
  };
}
