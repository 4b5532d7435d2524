import { describe, expect, it } from 'vitest';

import { statsQuestion } from '../../../src/connect/account-stats.ts';
import { PACE, withAccount } from '../../support/connect/with-account.ts';

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
