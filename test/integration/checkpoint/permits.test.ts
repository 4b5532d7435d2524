import { describe, expect, it } from 'vitest';

import { inTransaction } from '../../../src/checkpoint/file/transaction.ts';
import { preparePermits, readPermits, type RecordedPermits } from '../../../src/checkpoint/permits.ts';
import { TestCheckpoint } from '../../support/ledger/checkpoint.ts';

const KEPT_MS = 600_000;

function permits(atMs: number, more: Partial<RecordedPermits> = {}): RecordedPermits {
  return { lane: 'account', atWallMs: 1_000_000_000 + atMs, atBootMs: atMs, bootId: 'boot', count: 5, ...more };
}

/** Each reserved in its turn by a run that then was killed; what is still on record. */
function kept(...reserved: readonly RecordedPermits[]): RecordedPermits[] {
  using checkpoint = new TestCheckpoint();
  for (const one of reserved) inTransaction(checkpoint.db, () => preparePermits(checkpoint.db).recordReservation(one, undefined, KEPT_MS));
  return readPermits(checkpoint.db);
}

describe('permits on record', () => {
  it('are forgotten when they are old, by the time since the boot and not by a clock that was set forward', () => {
    const [old, young, now] = [permits(0), permits(400_000), permits(700_000)];
    expect(kept(old, young, now)).toEqual([young, now]);
    const afterClockWasSet = permits(500_000, { atWallMs: 9_000_000_000 });
    expect(kept(young, afterClockWasSet)).toEqual([young, afterClockWasSet]);
  });

  it('of another boot are forgotten by the wall clock, and those of another lane are left alone', () => {
    const [before, otherLane] = [permits(0, { bootId: 'boot before', atBootMs: 9_999_999 }), permits(0, { lane: '3' })];
    const now = permits(700_000);
    expect(kept(before, otherLane, now)).toEqual([otherLane, now]);
    const soonAfter = permits(100_000);
    expect(kept(before, soonAfter)).toEqual([before, soonAfter]);
    const unknownBoot = permits(800_000, { bootId: undefined, atBootMs: undefined });
    expect(kept(now, unknownBoot)).toEqual([now, unknownBoot]);
  });

  it('a reservation takes the place of the last one of the same run, of which what was used stays', () => {
    using checkpoint = new TestCheckpoint();
    const book = preparePermits(checkpoint.db);
    const used = permits(50, { count: 2 });
    book.recordReservation(permits(100), undefined, KEPT_MS);
    book.recordReservation(permits(200), used, KEPT_MS);
    expect(readPermits(checkpoint.db)).toEqual([used, permits(200)]);
    book.closeReservation('account', undefined);
    expect(readPermits(checkpoint.db)).toEqual([used]);
  });
});
