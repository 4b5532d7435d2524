import type { CheckpointFacts } from '../checkpoint/facts.ts';
import type { Shard } from '../domain/shard.ts';

/** What tells whether checkpoints are shards of one list. */
export interface ListPart {
  readonly shard: Shard | null;
  readonly sources: CheckpointFacts['sources'];
}

export function listPartOf({ definition, sources }: CheckpointFacts): ListPart {
  return { shard: definition.shard, sources };
}

/** Each shard of a list has read all its rows: a row that belongs to no shard, such as a rejected one, is in all of them. */
export function isOneList(parts: readonly ListPart[]): boolean {
  const [first] = parts;
  const indexes = new Set(parts.map(({ shard }) => shard?.index));
  return indexes.size === parts.length && first !== undefined && parts.every((part) => isSameList(part, first));
}

/** Shards of the lists that these parts are of, but not among them: without them no list is done. */
export function missingShards(parts: readonly ListPart[]): readonly Shard[] {
  const missing: Shard[] = [];
  const seen: ListPart[] = [];
  for (const part of parts) {
    if (part.shard === null || seen.some((other) => isSameList(other, part))) continue;
    seen.push(part);
    const { count } = part.shard;
    const indexes = new Set(parts.filter((other) => isSameList(other, part)).map(({ shard }) => shard?.index));
    for (let index = 0; index < count; index++) if (!indexes.has(index)) missing.push({ index, count });
  }
  return missing;
}

/** Whether both are shards, of as many, of what may be one list. */
function isSameList(one: ListPart, other: ListPart): boolean {
  return one.shard !== null && one.shard.count === other.shard?.count && readTheSame(one, other);
}

/** A source that was not read to its end may be the same. */
function readTheSame(one: ListPart, other: ListPart): boolean {
  return one.sources.every(({ sha256 }, index) => {
    const otherSha256 = other.sources[index]?.sha256;
    return sha256 === undefined || otherSha256 === undefined || Buffer.compare(sha256, otherSha256) === 0;
  });
}
