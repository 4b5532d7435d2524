import { deliveryUrlImageId } from '../domain/spelling/delivery-url.ts';
import { type ImageId, parseImageId, trimValue } from '../domain/image-id.ts';
import { rawOf } from '../domain/record.ts';
import { type Shard, shardIndexOf } from '../domain/shard.ts';

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
  readonly rejected: readonly RejectedValue[];
  readonly skippedCount: number;
  /** IDs of the list that are another run's to delete. */
  readonly otherShardIds: readonly ImageId[];
}

/** Takes the usable IDs out of a batch, those of other shards apart; every other value becomes a rejected row with its reason. */
export function planBatch(batch: ReadBatch, isDeliveryUrls: boolean, shard?: Shard | null): PlannedBatch {
  const ids: ImageId[] = [];
  const lines: number[] = [];
  const rejected: RejectedValue[] = [...batch.rejected];
  const otherShardIds: ImageId[] = [];
  batch.values.forEach((value, index) => {
    const line = batch.lines[index] ?? 0;
    const parsed = isDeliveryUrls ? parseDeliveryUrl(value) : parseImageId(value);
    if (parsed.kind === 'id') {
      if (shard && shardIndexOf(parsed.id, shard.count) !== shard.index) {
        otherShardIds.push(parsed.id);
        return;
      }
      ids.push(parsed.id);
      lines.push(line);
    } else rejected.push({ raw: rawOf(value), reason: parsed.reason, line });
  });
  return { ids, lines, rejected, skippedCount: batch.skippedCount, otherShardIds };
}

function parseDeliveryUrl(value: string): ReturnType<typeof parseImageId> {
  const url = deliveryUrlImageId(trimValue(value));
  // White space around a value is trimmed. What a URL spells out is part of the ID: without it, it would be another image's.
  if (url.kind === 'id' && trimValue(url.value) !== url.value)
    return { kind: 'unusable', reason: 'its ID begins or ends with white space' };
  if (url.kind === 'id') return parseImageId(url.value);
  return { kind: 'unusable', reason: url.reason };
}
