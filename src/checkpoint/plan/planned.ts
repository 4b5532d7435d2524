import type { DatabaseSync } from 'node:sqlite';

import type { ImageId } from '../../domain/image-id.ts';
import { keyToId } from '../format/id-key.ts';
import { OUTCOME_NUMBER } from '../format/outcomes.ts';
import { prepareResultRows } from '../format/result-rows.ts';
import type { AddToTally } from '../tally.ts';
import { type Touched, TouchedRows } from '../touched.ts';

/** An ID that the account was asked for, and that is not to be deleted in this run. */
export interface AskedItem {
  readonly seq: number;
  /** What the account said of it, as JSON: the fields that its line in the report has more. */
  readonly asked: string;
}

const NEXT = `
  SELECT seq, id, source.path AS path, line FROM item JOIN source ON source.number = item.source
  WHERE seq > (SELECT coalesce(max(item), 0) FROM result WHERE outcome = ${OUTCOME_NUMBER.planned})
  AND NOT EXISTS (SELECT 1 FROM result WHERE result.item = seq) ORDER BY seq LIMIT ?`;

/** The pending items that get the outcome `planned` next. */
export function nextToPlan(db: DatabaseSync, countMax: number): { readonly seq: number; readonly id: ImageId }[] {
  return db
    .prepare(NEXT)
    .all(countMax)
    .map(({ seq, id }) => ({ seq: Number(seq), id: keyToId(id) }));
}

/** Gives pending items the outcome `planned`; call it inside a transaction. */
export type Plan = (db: DatabaseSync, addToTally: AddToTally) => Touched;

/** The next items; none is left when it touches nothing. */
export function planPending(atMs: number, countMax: number): Plan {
  return (db, addToTally) => plan(db, addToTally, atMs, db.prepare(NEXT).all(countMax), () => undefined);
}

/** The items that were asked for: the next ones of {@link nextToPlan}, as many as were asked. */
export function planAsked(atMs: number, items: readonly AskedItem[]): Plan {
  const bySeq = new Map(items.map(({ seq, asked }) => [seq, asked]));
  return (db, addToTally) => {
    const tell = db.prepare('INSERT INTO detail (item, message) VALUES (?, ?)');
    for (const { seq, asked } of items) tell.run(seq, asked);
    return plan(db, addToTally, atMs, db.prepare(NEXT).all(items.length), (seq) => bySeq.get(seq));
  };
}

function plan(
  db: DatabaseSync,
  addToTally: AddToTally,
  atMs: number,
  rows: readonly Readonly<Record<string, unknown>>[],
  askedOf: (seq: number) => string | undefined,
): Touched {
  const resultRows = prepareResultRows(db);
  const touched = new TouchedRows();
  for (const row of rows) {
    const seq = Number(row['seq']);
    resultRows.insertUnsent(seq, 'planned', atMs);
    const place = { id: keyToId(row['id']), source: String(row['path']), line: Number(row['line']) };
    touched.add(seq, { outcome: 'planned', ...place, asked: askedOf(seq) });
  }
  addToTally({ planned: rows.length });
  return touched;
}
