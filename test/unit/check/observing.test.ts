import { expect, it } from 'vitest';

import { createObserving } from '../../../src/check/observing.ts';
import type { ApiAnswer, Exchange } from '../../../src/cloudflare/types.ts';
import { apiAnswer } from '../../support/answer/api-answer.ts';

const SERVER_MS = Date.UTC(2026, 10, 24, 2, 0, 0);

function answer(given: Partial<ApiAnswer>): ApiAnswer {
  return apiAnswer({ date: new Date(SERVER_MS).toUTCString(), durationMs: 100, ...given });
}

/** Shows it one answer after another, each with the local time at which it was read. */
function observed(...answers: readonly (readonly [Exchange, number])[]): ReturnType<typeof createObserving>['observed'] {
  const observing = createObserving();
  for (const [exchange, nowMs] of answers) {
    const question = observing.of({ send: () => Promise.resolve(exchange), read: () => ({ kind: 'read' }) });
    expect(question.read(exchange, nowMs)).toEqual({ kind: 'read' });
  }
  return observing.observed;
}

it('the clock is compared in the middle of the quickest answer, with a date that is cut to whole seconds', () => {
  expect(observed([answer({}), SERVER_MS + 550]).clockSkewMs).toBe(0);
  expect(observed([answer({}), SERVER_MS + 600_550]).clockSkewMs).toBe(600_000);
  expect(observed([answer({}), SERVER_MS - 599_450]).clockSkewMs).toBe(-600_000);
  expect(observed([answer({ durationMs: 8_000 }), SERVER_MS + 99_000], [answer({ durationMs: 20 }), SERVER_MS + 510]).clockSkewMs).toBe(0);
  expect(observed([answer({ durationMs: 20 }), SERVER_MS + 510], [answer({ durationMs: 8_000 }), SERVER_MS + 99_000]).clockSkewMs).toBe(0);
});

it.each([undefined, '', 'yesterday'])('a date of %j tells nothing', (date) => {
  expect(observed([answer({ date }), SERVER_MS]).clockSkewMs).toBeUndefined();
});

it('policies are those of the last answer that told any', () => {
  const told = answer({ ratelimit: '"default";r=7;t=1', ratelimitPolicy: '"default";q=10;w=60' });
  expect(observed([told, SERVER_MS], [answer({}), SERVER_MS]).policies).toEqual([
    { name: 'default', quota: 10, windowMs: 60_000, left: 7 },
  ]);
});

it('a request without an answer tells nothing of time or quota', () => {
  const none: Exchange = { kind: 'no-answer', reason: 'timeout', code: 'timeout', message: 'timeout', durationMs: 30_000 };
  expect(observed([none, SERVER_MS])).toEqual({ durationsMs: [], clockSkewMs: undefined, policies: [] });
});
