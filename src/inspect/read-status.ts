import { resolveCheckpointPath } from '../checkpoint/file/file-system.ts';
import { isCheckpointLocked } from '../checkpoint/file/lock.ts';
import { readFacts } from '../checkpoint/read-facts.ts';
import { readBeside } from '../checkpoint/file/reader.ts';
import { readLastErrors } from '../checkpoint/samples.ts';
import { commandAfter } from '../advice/next-command.ts';
import { mergeStatuses, type ShardStatus } from './merge-status.ts';
import { listPartOf } from './one-list.ts';
import { distinctCheckpoints, type NamedPurge, refuseToMerge } from './several.ts';
import { purgeFacts } from './summary-of.ts';
import type { CheckpointStatus } from './checkpoint-status.ts';

/** Reads one or several checkpoints, also while runs work on them, and writes nothing. */
export function readStatus(checkpointPaths: readonly string[]): CheckpointStatus {
  const given = distinctCheckpoints(checkpointPaths).map(readOne);
  refuseToMerge(given);
  const [first, ...others] = given;
  if (first === undefined) throw new Error('a status was asked for of no checkpoint');
  return mergeStatuses([first, ...others]);
}

function readOne(checkpointPath: string): ShardStatus & NamedPurge {
  const path = resolveCheckpointPath(checkpointPath);
  return readBeside(path, (db) => {
    const facts = readFacts(db);
    const ratePerSecond = facts.run.ratePerSecond;
    const isRunning = isCheckpointLocked(path);
    const status: CheckpointStatus = {
      purge: purgeFacts(facts, facts.run),
      lastEnd: isRunning ? undefined : facts.lastEnd,
      missingShards: [],
      checkpointPaths: [checkpointPath],
      nextCommand: commandAfter(facts, checkpointPath, facts.repeated),
      isRunning,
      lastWorkedAtMs: facts.lastWorkedAtMs,
      ratePerSecond,
      etaMs: isRunning && ratePerSecond > 0 ? Math.round((facts.pending * 1000) / ratePerSecond) : undefined,
      lastErrors: readLastErrors(db),
    };
    return { status, path: checkpointPath, definition: facts.definition, ...listPartOf(facts) };
  });
}
