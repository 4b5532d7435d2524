import { EXIT } from '../../../src/domain/errors.ts';

/** What ends a job for good: another pod would be refused likewise, or would begin a finished list again. */
export const FINAL: readonly number[] = [
  EXIT.doneWithFailures,
  EXIT.usage,
  EXIT.refused,
  EXIT.storage,
  EXIT.guard,
  EXIT.stoppedByLimit,
  EXIT.defect,
];

export const BY_SIGNAL: readonly number[] = [EXIT.sighup, EXIT.sigint, EXIT.sigterm];

/** What another try can get past. */
export const TRIED_AGAIN: readonly number[] = [EXIT.gaveUp, EXIT.locked];
