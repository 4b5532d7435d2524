import { UnsoundError } from '../file/sqlite-error.ts';

/** "IPRG": tells our files from any other SQLite database (`PRAGMA application_id`). */
export const APPLICATION_ID = 0x49505247;

/** How `result.outcome` is written; 1 takes no byte in SQLite's record format, so the most frequent outcome has it. */
export const OUTCOME_NUMBER = { deleted: 1, absent: 2, failed: 3, protected: 4, planned: 5 } as const;

export type StoredOutcome = keyof typeof OUTCOME_NUMBER;

const OUTCOME_BY_NUMBER: readonly (StoredOutcome | undefined)[] = [undefined, 'deleted', 'absent', 'failed', 'protected', 'planned'];

export function outcomeFromNumber(number: number): StoredOutcome {
  const outcome = OUTCOME_BY_NUMBER[number];
  if (outcome === undefined) throw new UnsoundError(`it holds the unknown outcome ${number}`);
  return outcome;
}
