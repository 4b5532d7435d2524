import { describe, expect, it } from 'vitest';

import { readBeside } from '../../../src/checkpoint/file/reader.ts';
import { openDatabase } from '../../../src/checkpoint/file/database.ts';
import { inTransaction } from '../../../src/checkpoint/file/transaction.ts';
import { readMoments, recordMoments } from '../../../src/checkpoint/timeline/moments.ts';
import type { Moment } from '../../../src/checkpoint/timeline/moment.ts';
import { TestCheckpoint } from '../../support/ledger/checkpoint.ts';
import { makeIds, withPurge } from '../../support/purge/purge.ts';

const MOMENTS: readonly Moment[] = [
  { kind: 'run.began', atMs: 1_000, lane: undefined, waitMs: 0 },
  { kind: 'throttled', atMs: 2_000, lane: 'account', waitMs: 7_000 },
  { kind: 'outage.began', atMs: 3_000, lane: 2, waitMs: 0 },
];

describe('moments in a checkpoint', () => {
  it('come back as they were, in their order; where there were none there is no table', () => {
    using checkpoint = new TestCheckpoint();
    inTransaction(checkpoint.db, () => recordMoments(checkpoint.db, []));
    expect(readMoments(checkpoint.db)).toBeUndefined();
    for (const moment of MOMENTS) inTransaction(checkpoint.db, () => recordMoments(checkpoint.db, [moment]));
    checkpoint.reopen();
    expect(readMoments(checkpoint.db)).toEqual(MOMENTS);
  });

  it('leave with their transaction, the table too', () => {
    using checkpoint = new TestCheckpoint();
    expect(() =>
      inTransaction(checkpoint.db, () => {
        recordMoments(checkpoint.db, MOMENTS);
        throw new Error('the disk is full');
      }),
    ).toThrow('the disk is full');
    expect(readMoments(checkpoint.db)).toBeUndefined();
    inTransaction(checkpoint.db, () => recordMoments(checkpoint.db, MOMENTS));
    expect(readMoments(checkpoint.db)).toEqual(MOMENTS);
  });

  it('of a real run that goes on tell when each began and ended, and when it was throttled', () =>
    withPurge({ quota: { kind: 'fixed', requests: 4, windowMs: 200, blockMs: 0, burst: 0 } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(8));
      await bench.delete(['--limit', '6']);
      await bench.resume();
      const kinds = readBeside(bench.path('ids.csv.checkpoint'), readMoments)?.map(({ kind }) => kind) ?? [];
      expect(kinds.filter((kind) => kind !== 'throttled')).toEqual(['run.began', 'run.ended', 'run.began', 'run.ended']);
      expect(kinds).toContain('throttled');
      // A version that knows nothing of them opens it as before.
      openDatabase(bench.path('ids.csv.checkpoint')).close();
    }));
});
