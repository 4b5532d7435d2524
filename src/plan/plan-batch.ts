import type { ImageId, SuspiciousId } from '../domain/image-id.ts';
import { rawOf } from '../domain/record.ts';
import { type Shard, shardIndexOf } from '../domain/shard.ts';
import { literalValue, classifyValue, type ClassifiedValue } from './classify-value.ts';
import type { DeliveryUrlReader } from './delivery-values.ts';

/** Rows as a reader yields them: `values[i]` stood on `lines[i]`. */
export interface ReadBatch {
  readonly values: readonly string[];
  readonly lines: readonly number[];
  readonly rejected: readonly RejectedValue[];
  readonly skippedCount: number;
}

export interface RejectedValue {
  readonly raw: string;
  readonly reason: string;
  readonly line: number;
}

export interface PlannedBatch {
  readonly ids: readonly ImageId[];
  readonly lines: readonly number[];
  /** Those of the IDs, other shards' too, that look as if they were something else: of most batches none. */
  readonly suspicious: readonly SuspiciousId[];
  readonly rejected: readonly RejectedValue[];
  readonly skippedCount: number;
  /** IDs of the list that are another run's to delete. */
  readonly otherShardIds: readonly ImageId[];
}

/** How values are taken. */
export interface ValueOptions {
  /** Takes the IDs out of values that are delivery URLs; `undefined` where they are IDs. */
  readonly deliveryUrls: DeliveryUrlReader | undefined;
  /** Values are IDs exactly as they stand: none is rejected or suspicious for its looks. */
  readonly isLiteral: boolean;
  /** `null`: all IDs. */
  readonly shard: Shard | null;
}

/** Takes the usable IDs out of a batch, those of other shards apart; every other value becomes a rejected row with its reason. */
export function planBatch(batch: ReadBatch, { deliveryUrls, isLiteral, shard }: ValueOptions): PlannedBatch {
  const ids: ImageId[] = [];
  const lines: number[] = [];
  const suspicious: SuspiciousId[] = [];
  const rejected: RejectedValue[] = [...batch.rejected];
  const otherShardIds: ImageId[] = [];
  const read = isLiteral ? literalValue : classifyValue;
  batch.values.forEach((value, index) => {
    const line = batch.lines[index] ?? 0;
    const found = deliveryUrls === undefined ? read(value) : deliveryUrls(value, line, read);
    if (found.kind !== 'id') {
      rejected.push({ raw: rawOf(value), reason: found.reason, line });
      return;
    }
    if (!isLiteral && found.suspicious.length > 0) suspicious.push(suspiciousId(found, line));
    if (shard !== null && shardIndexOf(found.id, shard.count) !== shard.index) otherShardIds.push(found.id);
    else {
      ids.push(found.id);
      lines.push(line);
    }
  });
  return { ids, lines, suspicious, rejected, skippedCount: batch.skippedCount, otherShardIds };
}

function suspiciousId({ id, suspicious, examples }: ClassifiedValue & { readonly kind: 'id' }, line: number): SuspiciousId {
  return examples === undefined ? { id, line, kinds: suspicious } : { id, line, kinds: suspicious, examples };
}
