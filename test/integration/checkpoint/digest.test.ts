import { describe, expect, it } from 'vitest';

import { packIds } from '../../../src/checkpoint/intake/packed-ids.ts';
import { DigestTaker } from '../../../src/checkpoint/digest/digest-taker.ts';
import { ItemsById } from '../../../src/checkpoint/find/items-by-id.ts';
import { inTransaction } from '../../../src/checkpoint/file/transaction.ts';
import { readFacts } from '../../../src/checkpoint/read-facts.ts';
import { imageId, TestCheckpoint } from '../../support/ledger/checkpoint.ts';

interface Taken {
  readonly digest: string | undefined;
  readonly setSize: number | undefined;
}

function take(checkpoint: TestCheckpoint, countMax = 2): Taken {
  const taker = new DigestTaker(checkpoint.db, new ItemsById(checkpoint.db));
  while (taker.addSome(countMax));
  const { digest, setSize } = readFacts(checkpoint.db);
  return { digest, setSize };
}

function takenOf(ids: readonly string[]): Taken {
  using checkpoint = new TestCheckpoint();
  checkpoint.read(ids);
  return take(checkpoint);
}

const IDS = ['a', 'b', 'c', '3f0c8a44-1a2b-4c3d-8e9f-a91e00112233', '3F0C8A44-1A2B-4C3D-8E9F-A91E00112233'];

describe('the digest of what was accepted', () => {
  it('is the same whatever the order and the duplicates, and however many IDs a step takes', () => {
    const taken = takenOf(IDS);
    expect(taken).toMatchObject({ setSize: IDS.length });
    expect(takenOf([...IDS, ...IDS].toReversed())).toEqual(taken);
    using checkpoint = new TestCheckpoint();
    checkpoint.read(IDS);
    expect(take(checkpoint, 1_000)).toEqual(taken);
  });

  it('leaves out what is protected, and nothing for its outcome', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.protect(['keep', 'b']);
    checkpoint.read(['a', 'keep', 'b', 'c']);
    checkpoint.record(checkpoint.take(1));
    expect(take(checkpoint)).toEqual(takenOf(['a', 'c']));
  });

  it('is unknown while the list is read, and from the beginning of another reading on', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(IDS);
    expect(readFacts(checkpoint.db).digest).toBeUndefined();
    take(checkpoint);
    expect(readFacts(checkpoint.db).digest).toBeDefined();
    checkpoint.intake.begin([{ name: 'ids.csv', opened: undefined }]);
    expect(readFacts(checkpoint.db)).toMatchObject({ digest: undefined, setSize: undefined });
  });

  it('of a shard is that of the whole list, and the IDs of others are not kept', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.protect(['keep']);
    checkpoint.intake.begin([{ name: 'ids.csv', opened: undefined }]);
    inTransaction(checkpoint.db, () =>
      checkpoint.intake.accept({
        sourceIndex: 0,
        ids: packIds(['a'].map(imageId)),
        suspicious: [],
        lines: Float64Array.of(1),
        rejected: [],
        skippedCount: 0,
        // An ID that this shard already has was another shard's when it was read before.
        otherShardIds: ['b', 'c', 'b', 'keep', 'a', ...IDS].map(imageId),
        nowMs: 2_000,
      }),
    );
    inTransaction(checkpoint.db, () => checkpoint.intake.finish([undefined], 2_000));
    expect(take(checkpoint)).toEqual(takenOf(IDS));
    expect(readFacts(checkpoint.db)).toMatchObject({ definition: { otherShardsCount: 4 }, intake: { accepted: 1, skipped: 10 } });
    expect(checkpoint.db.prepare('SELECT count(*) AS n FROM other_shard').get()).toEqual({ n: 0 });
  });
});
