import { describe, expect, it } from 'vitest';

import { createGiveUpWatch } from '../../src/pace/give-up.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

describe('giving up', () => {
  const GIVE_UP_AFTER_MS = 3_600_000;

  it('counts from the start of the run until the first final answer, then from the last one', async () => {
    const clock = new VirtualClock();
    await clock.advance(5_000);
    const watch = createGiveUpWatch({ giveUpAfterMs: GIVE_UP_AFTER_MS, nowMs: () => clock.monotonicMs() });
    expect(watch.deadlineMs()).toBe(5_000 + GIVE_UP_AFTER_MS);
    await clock.advance(1_000);
    watch.finalAnswer();
    expect(watch.deadlineMs()).toBe(6_000 + GIVE_UP_AFTER_MS);
  });

  it('comes at once where a pause would end after the deadline, and not where it ends just on it', async () => {
    const clock = new VirtualClock();
    const watch = createGiveUpWatch({ giveUpAfterMs: GIVE_UP_AFTER_MS, nowMs: () => clock.monotonicMs() });
    expect(watch.wouldOutlast(GIVE_UP_AFTER_MS)).toBe(false);
    expect(watch.wouldOutlast(GIVE_UP_AFTER_MS + 1)).toBe(true);
    await clock.advance(1);
    expect(watch.wouldOutlast(GIVE_UP_AFTER_MS)).toBe(true);
    watch.finalAnswer();
    expect(watch.wouldOutlast(GIVE_UP_AFTER_MS)).toBe(false);
  });
});
