import { resolveCheckpointPath } from '../checkpoint/file/file-system.ts';
import { readBeside } from '../checkpoint/file/reader.ts';
import { readFacts } from '../checkpoint/read-facts.ts';
import type { RejectedRecord } from '../domain/record.ts';
import { isOneList, listPartOf } from './one-list.ts';
import { refuseToMerge } from './several.ts';

/** Whether they are shards of one list. Throws where they cannot be merged at all. */
export function areMergeableShards(paths: readonly string[]): boolean {
  const purges = paths.map((path) => ({ path, facts: readBeside(resolveCheckpointPath(path), readFacts) }));
  refuseToMerge(purges.map(({ path, facts: { definition } }) => ({ path, definition })));
  return isOneList(purges.map(({ facts }) => listPartOf(facts)));
}

/** Whether a rejected row was met before: each shard of a list has it. */
export function isSeen({ source, line, raw }: RejectedRecord, seen: Set<string>): boolean {
  const key = JSON.stringify([source, line, raw]);
  const wasSeen = seen.has(key);
  seen.add(key);
  return wasSeen;
}
