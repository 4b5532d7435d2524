import { openDatabaseToRead } from '../checkpoint/database.ts';
import { resolveCheckpointPath } from '../checkpoint/file-system.ts';
import { isCheckpointLocked } from '../checkpoint/lock.ts';
import { readFacts } from '../checkpoint/read-facts.ts';
import { readLastErrors } from '../checkpoint/samples.ts';
import { checkpointError } from '../checkpoint/sqlite-error.ts';
import { EXIT } from '../domain/errors.ts';
import { summaryOf } from './summary.ts';
import type { CheckpointStatus } from './types.ts';

/** Reads a checkpoint beside whatever works on it, and writes nothing. */
export function readStatus(checkpointPath: string): CheckpointStatus {
  const path = resolveCheckpointPath(checkpointPath);
  const db = openDatabaseToRead(path);
  try {
    const facts = readFacts(db);
    const ratePerSecond = facts.run.ratePerSecond;
    const isRunning = isCheckpointLocked(path);
    return {
      summary: summaryOf(facts, facts.run, EXIT.done),
      checkpointPath,
      isRunning,
      lastWorkedAtMs: facts.lastWorkedAtMs,
      ratePerSecond,
      etaMs: isRunning && ratePerSecond > 0 ? Math.round((facts.pending * 1000) / ratePerSecond) : undefined,
      lastErrors: readLastErrors(db),
    };
  } catch (error) {
    throw checkpointError(error, path);
  } finally {
    db.close();
  }
}
