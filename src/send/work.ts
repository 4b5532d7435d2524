import type { TriedItem } from '../checkpoint/results.ts';
import type { ImageId } from '../domain/image-id.ts';
import type { SavingState } from './saving/saving-state.ts';

/** An ID that is being processed: taken from the checkpoint, without a recorded outcome. */
export interface Work {
  readonly seq: number;
  readonly id: ImageId;
  /** Requests that failed and counted as attempts, in earlier runs too. */
  attempts: number;
  /** An earlier request ended without an answer, or in one that is retried. */
  isUnknown: boolean;
  /** How often a batch token was refused for it in this run. */
  refusals?: number;
  saving?: SavingState;
}

/** What the next run must know of IDs that stay pending: only those for which a request was sent. */
export function triedOf(works: readonly Work[]): TriedItem[] {
  return works.flatMap(({ seq, attempts, isUnknown }) => (attempts > 0 || isUnknown ? [{ seq, attempts, isUnknown }] : []));
}
