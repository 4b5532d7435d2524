import { describe, expect, it } from 'vitest';

import type { ReadAnswer } from '../../../src/answer/answers.ts';
import type { Disposition } from '../../../src/domain/disposition.ts';
import type { Work } from '../../../src/send/work.ts';
import { nextStep, type NextStep, type TryingAgain } from '../../../src/send/next-step.ts';
import { imageId } from '../../support/ledger/checkpoint.ts';

/** With the longest delays. */
const POLICY: TryingAgain = { attemptsMax: 3, random: () => 1, isOutage: false };

function work(more: Partial<Work> = {}): Work {
  return { seq: 1, id: imageId('image-1'), attempts: 0, isUnknown: false, ...more };
}

function stepFor(disposition: Disposition, item: Work = work(), policy: Partial<TryingAgain> = {}): NextStep {
  const answer: ReadAnswer = { disposition, httpStatus: 200, code: undefined, message: 'OK', cfRay: undefined, retryAfterMs: undefined };
  return nextStep(item, answer, { ...POLICY, ...policy });
}

describe('the next step for an ID', () => {
  it.each(['deleted', 'absent'] as const)('that is %s: it is finished, and belongs to no streak', (outcome) => {
    expect(stepFor({ kind: 'done', outcome })).toEqual({ kind: 'finish', outcome, streak: 'none' });
  });

  it.each(['none', 'not-found', 'firewall'] as const)('whose answer fails it (streak %s): it is finished as failed', (streak) => {
    expect(stepFor({ kind: 'fail-item', streak })).toEqual({ kind: 'finish', outcome: 'failed', streak });
  });

  it.each(['credentials', 'permission', 'account', 'address', 'proxy'] as const)('refused for its %s: the run stops', (reason) => {
    expect(stepFor({ kind: 'stop-run', reason })).toEqual({ kind: 'stop-run', reason });
  });

  it.each([undefined, 0, 60_000])('throttled, to wait %s ms: it is sent again; its lane keeps the time', (retryAfterMs) => {
    expect(stepFor({ kind: 'throttled', retryAfterMs, httpStatus: 429, code: undefined }, work({ attempts: 9 }))).toEqual({
      kind: 'send-again',
    });
  });

  it('stays what it is, outage or not, for every answer but a failure that is retried', () => {
    const dispositions: readonly Disposition[] = [
      { kind: 'done', outcome: 'deleted' },
      { kind: 'fail-item', streak: 'firewall' },
      { kind: 'throttled', retryAfterMs: 5, httpStatus: 403, code: 971 },
      { kind: 'refused', reason: 'credentials' },
      { kind: 'stop-run', reason: 'account' },
    ];
    for (const disposition of dispositions) expect(stepFor(disposition, work(), { isOutage: true })).toEqual(stepFor(disposition));
  });
});

describe('a failure that is retried', () => {
  const RETRY: Disposition = { kind: 'retry', retryAfterMs: undefined };

  it('is tried again as long as there are attempts left, each time after a longer delay', () => {
    const steps = [0, 1, 2].map((attempts) => stepFor(RETRY, work({ attempts }), { attemptsMax: 4 }));
    expect(steps).toEqual([
      { kind: 'retry', delayMs: 250 },
      { kind: 'retry', delayMs: 500 },
      { kind: 'retry', delayMs: 1_000 },
    ]);
  });

  it('waits a random share of that delay', () => {
    expect(stepFor(RETRY, work({ attempts: 1 }), { random: () => 0.5 })).toEqual({ kind: 'retry', delayMs: 250 });
    expect(stepFor(RETRY, work({ attempts: 1 }), { random: () => 0 })).toEqual({ kind: 'retry', delayMs: 0 });
  });

  it.each([
    [1, 0],
    [3, 2],
    // An earlier run allowed more attempts.
    [3, 7],
  ])('is final at the last of %i attempts, where %i were made before', (attemptsMax, attempts) => {
    expect(stepFor(RETRY, work({ attempts }), { attemptsMax })).toEqual({ kind: 'fail-for-good' });
  });

  it.each([0, 2, 7])('counts for nothing during an outage, however many attempts (%i) were made before', (attempts) => {
    expect(stepFor(RETRY, work({ attempts }), { isOutage: true })).toEqual({ kind: 'wait-out-outage', waitMs: 0 });
  });

  it('waits at least as long as it was told, with the jitter on top', () => {
    const told: Disposition = { kind: 'retry', retryAfterMs: 60_000 };
    expect(stepFor(told, work({ attempts: 1 }), { random: () => 0 })).toEqual({ kind: 'retry', delayMs: 60_000 });
    expect(stepFor(told, work({ attempts: 1 }), { random: () => 0.5 })).toEqual({ kind: 'retry', delayMs: 60_250 });
    expect(stepFor(told, work(), { isOutage: true })).toEqual({ kind: 'wait-out-outage', waitMs: 60_000 });
  });

  it('changes nothing of the ID', () => {
    const item = work({ attempts: 2 });
    stepFor(RETRY, item);
    expect(item).toEqual(work({ attempts: 2 }));
  });
});

describe('a refused batch token', () => {
  it.each([
    [undefined, 0],
    [0, 0],
    [1, 1_000],
    [2, 2_000],
    [6, 32_000],
    [7, 60_000],
    [8, 60_000],
    [5_000, 60_000],
  ])('after %s refusals for the same ID keeps it waiting for %i ms', (refusals, delayMs) => {
    const item = work(refusals === undefined ? {} : { refusals });
    expect(stepFor({ kind: 'refused', reason: 'credentials' }, item)).toEqual({ kind: 'send-with-new-token', delayMs });
  });

  it('counts no attempt, not even the last', () => {
    expect(stepFor({ kind: 'refused', reason: 'permission' }, work({ attempts: 2 })).kind).toBe('send-with-new-token');
  });
});
