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
  return (
    indexes.size === parts.length &&
    parts.every((part) => part.shard !== null && part.shard.count === first?.shard?.count && readTheSame(part, first))
  );
}

/** A source that was not read to its end may be the same. */
function readTheSame(one: ListPart, other: ListPart): boolean {
  return one.sources.every(({ sha256 }, index) => {
    const otherSha256 = other.sources[index]?.sha256;
    return sha256 === undefined || otherSha256 === undefined || Buffer.compare(sha256, otherSha256) === 0;
  });
}
