import { describe, expect, it } from 'vitest';

import { BEAT_MS, createSharing, type Sharing } from '../../../src/pace/shared/sharing.ts';

const KEY = 'account:a';
const OPEN = { members: 4, closedForMs: 0 };

/** One that has used the quota together with three others for a while. */
function sharingOfFour(membersMin = 1): Sharing {
  const sharing = createSharing(membersMin);
  sharing.present(KEY, OPEN, 0);
  expect(sharing.use(KEY, 2 * BEAT_MS)).toEqual({ kind: 'shared' });
  return sharing;
}

describe('a process that shares a quota', () => {
  it('sends nothing until all others have had the time to count it', () => {
    const sharing = createSharing(1);
    expect(sharing.use(KEY, 0)).toEqual({ kind: 'wait', untilMs: BEAT_MS / 4 });
    sharing.present(KEY, OPEN, 100);
    expect(sharing.use(KEY, 100)).toEqual({ kind: 'wait', untilMs: 100 + 1.5 * BEAT_MS });
    expect(sharing.use(KEY, 100 + 1.5 * BEAT_MS)).toEqual({ kind: 'shared' });
  });

  it('keeps to its part while Redis is away, however many it may hear of then', () => {
    const sharing = sharingOfFour();
    sharing.away();
    expect(sharing.isAway).toBe(true);
    expect(sharing.use(KEY, 5_000)).toEqual({ kind: 'divided', by: 4 });
    expect(sharing.dividedBy).toBe(4);
  });

  it('counts those who have gone no longer', () => {
    const sharing = sharingOfFour();
    sharing.present(KEY, { members: 3, closedForMs: 0 }, 6_000);
    sharing.away();
    expect(sharing.use(KEY, 6_000)).toEqual({ kind: 'divided', by: 3 });
  });

  it('keeps to its part until the schedule opens, and by those who were there before, not by the first who are back', () => {
    const sharing = sharingOfFour();
    sharing.away();
    sharing.present(KEY, { members: 1, closedForMs: 5_000 }, 10_000);
    sharing.back();
    expect(sharing.use(KEY, 10_000)).toEqual({ kind: 'divided', by: 4 });
    sharing.present(KEY, { members: 2, closedForMs: 3_000 }, 12_500);
    expect(sharing.use(KEY, 15_499)).toEqual({ kind: 'divided', by: 4 });
    expect(sharing.use(KEY, 15_500)).toEqual({ kind: 'shared' });
  });

  it('goes back to its part where another comes back late, and closes the schedule again', () => {
    const sharing = sharingOfFour();
    sharing.present(KEY, { members: 4, closedForMs: 5_000 }, 10_000);
    expect(sharing.use(KEY, 10_000)).toEqual({ kind: 'divided', by: 4 });
  });

  it('waits, new as it is, while the schedule is closed: the others use up the whole quota', () => {
    const sharing = createSharing(1);
    sharing.present(KEY, { members: 5, closedForMs: 4_000 }, 0);
    expect(sharing.use(KEY, 2_000)).toEqual({ kind: 'wait', untilMs: 4_000 });
    expect(sharing.use(KEY, 4_000)).toEqual({ kind: 'shared' });
  });

  it('begins on its part where Redis was never there and the number of processes is known', () => {
    const sharing = createSharing(3);
    sharing.away();
    expect(sharing.use(KEY, 0)).toEqual({ kind: 'divided', by: 3 });
    sharing.present(KEY, { members: 1, closedForMs: 5_000 }, 1_000);
    sharing.back();
    expect(sharing.use(KEY, 1_000)).toEqual({ kind: 'divided', by: 3 });
    expect(sharing.use(KEY, 6_000)).toEqual({ kind: 'shared' });
  });

  it('divides a quota that it began to use while Redis was away by the most it has heard of', () => {
    const sharing = sharingOfFour();
    sharing.away();
    expect(sharing.use('token:new', 5_000)).toEqual({ kind: 'divided', by: 4 });
  });
});
