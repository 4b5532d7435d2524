import { describe, expect, it } from 'vitest';

import type { Exchange } from '../../../src/cloudflare/types.ts';
import { ask } from '../../../src/connect/paced-request.ts';
import type { Throttled } from '../../../src/domain/disposition.ts';
import type { Lanes } from '../../../src/pace/lanes.ts';
import type { Lane, Permit } from '../../../src/pace/types.ts';
import { createCounters } from '../../../src/run/counters.ts';
import { flushMicrotasks, VirtualClock } from '../../support/virtual-clock.ts';

const NO_ANSWER: Exchange = { kind: 'no-answer', reason: 'connection', code: 'ECONNRESET', message: 'lost', durationMs: 1 };

type Answer = Throttled | { readonly kind: 'retry'; readonly retryAfterMs?: number } | { readonly kind: 'count'; readonly count: number };

/** Asks, and reads the given answers one after the other. @returns what the lane was told, in its order */
function asking(answers: readonly Answer[], attemptsMax = 3) {
  const told: string[] = [];
  const clock = new VirtualClock();
  const counters = createCounters(0);
  const ended = new AbortController();
  const lane = {
    name: 'account',
    requestEnded: (_permit: Permit, wasAnswered: boolean) => told.push(wasAnswered ? 'ended' : 'ended unanswered'),
    answered: () => told.push('answered'),
  } as unknown as Lane;
  const permit: Permit = { lane, ordinal: 1, sentAtMs: 0, pauseCount: 0 };
  const rest = [...answers];
  const answer = ask<Answer>(
    { send: () => Promise.resolve(NO_ANSWER), read: () => rest.shift() ?? { kind: 'retry' } },
    {
      clock,
      counters,
      ended: ended.signal,
      attemptsMax,
      random: () => 0.5,
      lanes: { take: () => Promise.resolve(permit) } as unknown as Lanes,
      onThrottled: (_permit, { retryAfterMs }) => told.push(`throttled ${retryAfterMs}`),
    },
  );
  return { answer, told, clock, counters, ended };
}

describe('a question', () => {
  it('that is answered tells its lane so', async () => {
    const { answer, told, counters } = asking([{ kind: 'count', count: 3 }]);
    expect(await answer).toEqual({ kind: 'count', count: 3 });
    expect(told).toEqual(['ended unanswered', 'answered']);
    expect(counters).toMatchObject({ requests: 1, retries: 0 });
  });

  it('that is throttled is asked again, and counts no attempt', async () => {
    const { answer, told, counters } = asking(
      [
        { kind: 'throttled', retryAfterMs: 7, httpStatus: 429, code: undefined },
        { kind: 'count', count: 3 },
      ],
      1,
    );
    expect(await answer).toEqual({ kind: 'count', count: 3 });
    expect(told).toEqual(['ended unanswered', 'throttled 7', 'ended unanswered', 'answered']);
    expect(counters).toMatchObject({ requests: 2, retries: 0 });
  });

  it('that fails says nothing of its quota; the last failure is returned', async () => {
    const { answer, told, counters } = asking([{ kind: 'retry' }], 1);
    expect(await answer).toEqual({ kind: 'retry' });
    expect(told).toEqual(['ended unanswered']);
    expect(counters).toMatchObject({ requests: 1, retries: 0 });
  });

  it('that fails waits before it is asked again', async () => {
    const { answer, clock, counters, ended } = asking([{ kind: 'retry' }]);
    await flushMicrotasks();
    expect(clock.sleeperCount).toBe(1);
    expect(counters).toMatchObject({ requests: 1, retries: 1 });
    ended.abort();
    expect(await answer).toBeUndefined();
  });

  it('that fails and is told to wait is asked again no earlier', async () => {
    const { answer, clock, counters } = asking([
      { kind: 'retry', retryAfterMs: 30_000 },
      { kind: 'count', count: 3 },
    ]);
    await clock.advance(29_999);
    expect(counters.requests).toBe(1);
    await clock.advance(126);
    expect(await answer).toEqual({ kind: 'count', count: 3 });
  });

  it('that nobody needs any more gives its permit back unused', async () => {
    const { answer, told, counters, ended } = asking([]);
    ended.abort();
    expect(await answer).toBeUndefined();
    expect(told).toEqual(['ended unanswered']);
    expect(counters.requests).toBe(0);
  });
});
