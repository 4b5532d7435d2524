import type { AnsweredOutcome, ResultValues } from '../domain/result-fields.ts';
import type { Moment } from './timeline/moment.ts';
import type { RunCounts } from '../domain/summary.ts';

/** A final answer for an item. */
export interface ItemResult extends ResultValues {
  readonly seq: number;
  readonly outcome: AnsweredOutcome;
}

/** An item that was tried and is still pending. */
export interface TriedItem {
  readonly seq: number;
  readonly attempts: number;
  readonly isUnknown: boolean;
}

export interface ResultBatch {
  readonly results: readonly ItemResult[];
  readonly tried: readonly TriedItem[];
  readonly moments: readonly Moment[];
  readonly run: RunCounts;
  readonly nowMs: number;
}
