import type { DatabaseSync } from 'node:sqlite';

import type { AnsweredOutcome } from '../../domain/result-fields.ts';
import { OUTCOME_NUMBER, outcomeFromNumber } from '../format/outcomes.ts';
import { storedCount, storedTime } from '../format/stored.ts';

const ANSWERED = `outcome IN (${OUTCOME_NUMBER.deleted}, ${OUTCOME_NUMBER.absent}, ${OUTCOME_NUMBER.failed})`;

/** When the first and the last ID got its outcome by an answer. */
export interface AnsweredTime {
  readonly firstMs: number;
  readonly lastMs: number;
  /** How many IDs did. */
  readonly count: number;
}

/** `undefined`: none has. */
export function answeredTime(db: DatabaseSync): AnsweredTime | undefined {
  const row = db.prepare(`SELECT min(at_ms) AS first, max(at_ms) AS last, count(*) AS count FROM result WHERE ${ANSWERED}`).get();
  if (row === undefined || row['first'] === null) return undefined;
  return { firstMs: storedTime(row['first']), lastMs: storedTime(row['last']), count: storedCount(row['count']) };
}

/** @param durationMs - of the request that gave the ID its outcome */
export type VisitAnswer = (atMs: number, outcome: AnsweredOutcome, durationMs: number) => void;

/** Every answer, in no order that matters. One row at a time is in memory. */
export function forEachAnswer(db: DatabaseSync, visit: VisitAnswer): void {
  const answers = db.prepare(`SELECT at_ms, outcome, duration_ms FROM result WHERE ${ANSWERED}`);
  // An object for each of a million rows costs more than all the rest.
  answers.setReturnArrays(true);
  for (const row of answers.iterate() as Iterable<unknown> as Iterable<readonly [unknown, unknown, unknown]>)
    visit(storedTime(row[0]), outcomeFromNumber(Number(row[1])) as AnsweredOutcome, storedCount(row[2]));
}
