import { setImmediate } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { statsQuestion } from '../../../src/connect/account-stats.ts';
import { PACE, withAccount } from '../../support/connect/with-account.ts';
import type { VirtualClock } from '../../support/virtual-clock.ts';

/** Lets sleepers wake that wait for another try, one after the other, and not the one that gives up in the end. */
async function timePassing<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let isDone = false;
  void work.finally(() => (isDone = true));
  while (!isDone) {
    await setImmediate();
    const { nextWakeInMs } = clock;
    if (nextWakeInMs !== undefined && nextWakeInMs < PACE.giveUpAfterMs / 4) await clock.advance(nextWakeInMs);
  }
  return work;
}

describe('an account within reach, without a checkpoint', () => {
  it('that is throttled tells whole milliseconds, whatever fractions the clock has', () =>
    withAccount({}, async ({ access, clock, events }) => {
      const permits = await Promise.all([access.account.take(), access.account.take(), access.account.take()]);
      const throttled = access.throttledAmong(access.account);
      for (const [index, permit] of permits.entries()) {
        await clock.advance(1_234.567);
        if (permit !== undefined) throttled(permit, { kind: 'throttled', retryAfterMs: 2_000 * (index + 1), httpStatus: 429, code: 971 });
      }
      const told = events.filter((event) => event.kind === 'lane.throttled');
      expect(told.map(({ waitMs }) => waitMs)).toEqual([2_000, 4_000, 6_000]);
      for (const { untilWallMs } of told) expect(Number.isInteger(untilWallMs)).toBe(true);
    }));

  it('is asked for its stats with a permit of its own lane', async () => {
    await withAccount({ images: { kind: 'list', ids: ['a', 'b'] } }, async ({ access, counters }) => {
      expect(await access.askStats()).toEqual({ kind: 'count', current: 2 });
      expect(counters.requests).toBe(1);
      expect(access.account.states()).toMatchObject([{ name: 'account', requestCount: 1 }]);
    });
  });

  it('is asked one question after another, and time counts while one is asked only', async () => {
    await withAccount({ images: { kind: 'list', ids: ['a'] } }, async ({ access, halt, clock, counters }) => {
      for (let count = 1; count <= 3; count++) {
        expect(await access.ask(statsQuestion(access.reader))).toEqual({ kind: 'count', current: 1 });
        access.giveUp.finalAnswer();
        await clock.advance(PACE.giveUpAfterMs);
      }
      expect(counters.requests).toBe(3);
      expect(halt.ending).toBeUndefined();
    });
  });

  it('is asked so often as the pace says, or as the question does, and each time after the wait it was told', async () => {
    const down = { status: 503, headers: { 'retry-after': '2' }, body: '' };
    await withAccount({}, async ({ access, clock, counters }, simulator) => {
      simulator.override(() => (counters.requests <= 5 ? down : undefined));
      expect(await timePassing(clock, access.ask(statsQuestion(access.reader)))).toMatchObject({ kind: 'retry' });
      expect(counters.requests).toBe(PACE.attemptsMax);
    });
    await withAccount({}, async ({ access, clock, counters }, simulator) => {
      simulator.override(() => (counters.requests <= 5 ? down : undefined));
      expect(await timePassing(clock, access.ask(statsQuestion(access.reader), Infinity))).toMatchObject({ kind: 'count' });
      expect(counters.requests).toBe(6);
      expect(clock.monotonicMs()).toBeGreaterThanOrEqual(5 * 2_000);
    });
  });

  it('a refusal ends the run, and names what to do in the words of the command', async () => {
    await withAccount({ apiToken: 'another-token' }, async ({ access, halt }) => {
      expect(await access.askStats()).toEqual({ kind: 'unreadable', why: expect.any(String) as string });
      expect(halt.ending).toBeUndefined();
    });
    await withAccount({ accountId: 'ffffffffffffffffffffffffffffffff' }, async ({ access, halt }) => {
      expect(await access.askStats()).toBeUndefined();
      expect(halt.ending).toMatchObject({ kind: 'error', error: { exitCode: 3 } });
    });
  });
});
