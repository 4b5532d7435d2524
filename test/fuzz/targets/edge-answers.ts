import assert from 'node:assert/strict';

import * as fc from '../../support/fast-check.ts';

import { readAnswer } from '../../../src/answer/answers.ts';
import { parseRetryAfterMs, RETRY_AFTER_MS_MAX, toldWaitMs } from '../../../src/answer/retry-after.ts';
import { RETRY_AFTER_MS_RETRIED_MAX } from '../../../src/answer/retry-timing.ts';
import type { ApiAnswer } from '../../../src/cloudflare/types.ts';
import { EDGE_CODES, EDGE_FORMS, edgeAnswer } from '../../../src/simulator/answers/edge-answers.ts';
import type { FuzzTarget } from '../target.ts';
import { texts } from '../texts.ts';
import { apiAnswer } from '../../support/answer/api-answer.ts';

export const codes: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(5404, '5404', 971, 10429, 10000, 10502, 7000, 7003, 5403, 9109, 5400, -1, 1.5, 1e300, null, {}, []),
  texts,
  fc.double(),
);

/** What headers say that hold numbers and times. */
export const headers: fc.Arbitrary<string | undefined> = fc.option(
  fc.oneof(
    texts,
    fc.constantFrom(
      '0',
      '1',
      '120',
      '-5',
      '1.5',
      'Wed, 21 Oct 2099 07:28:00 GMT',
      'Sun Nov  6 08:49:37 1994',
      'Sunday, 06-Nov-94 08:49:37 GMT',
    ),
  ),
  { nil: undefined },
);

export function answerOf(given: Pick<ApiAnswer, 'httpStatus' | 'body' | 'retryAfter' | 'date' | 'cfRay'>): ApiAnswer {
  return apiAnswer(given);
}

/** The edge's flat JSON, or something like it. */
export const problems: fc.Arbitrary<object> = fc.record(
  {
    error_code: fc.oneof(fc.constantFrom<unknown>(1015, 1200, 1020, 1205, '1015', 502), codes),
    retryable: fc.oneof(fc.boolean(), fc.jsonValue()),
    retry_after: fc.oneof(fc.nat(), fc.double(), texts, fc.jsonValue()),
    cloudflare_error: fc.oneof(fc.boolean(), fc.jsonValue()),
    title: fc.oneof(texts, fc.jsonValue()),
    ray_id: fc.oneof(texts, fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const edgeAnswers = fc.record({
  code: fc.constantFrom(...EDGE_CODES),
  form: fc.constantFrom(...EDGE_FORMS),
  seconds: fc.nat({ max: 5_000 }),
});
const edgeBodies = edgeAnswers.map(({ code, form, seconds }) => edgeAnswer(code, { form, retryAfterSeconds: seconds }).body as string);

/** What the edge answers, whole and cut off, and what looks like it. */
export const edgeLikeBodies: fc.Arbitrary<string> = fc.oneof(
  edgeBodies,
  fc.tuple(edgeBodies, fc.nat()).map(([body, cut]) => body.slice(0, cut % 400)),
  problems.map((problem) => JSON.stringify(problem)),
  fc
    .array(
      fc.oneof(texts, fc.constantFrom('<h1>', '</h1>', '<title>', '</title>', 'error code: ', 'Error ', '1015', '1020', 'cf-error-code">')),
    )
    .map((parts) => `<${parts.join('')}`),
);

export const edgeTargets: readonly FuzzTarget[] = [
  {
    name: 'edge-answers',
    share: 1,
    property: fc.property(
      edgeAnswers,
      fc.integer({ min: 200, max: 599 }),
      fc.constantFrom<'account' | 'batch'>('account', 'batch'),
      ({ code, form, seconds }, status, lane) => {
        const { body, headers } = edgeAnswer(code, { form, status, retryAfterSeconds: seconds });
        const retryAfter = String(headers['retry-after']);
        const given = { httpStatus: status, body: body as string, retryAfter, date: undefined, cfRay: undefined };
        const { disposition } = readAnswer(answerOf(given), lane, 0);
        if (code === '1015' || code === '1200' || status === 429) {
          assert.ok(disposition.kind === 'throttled' && disposition.retryAfterMs === seconds * 1_000);
          return;
        }
        assert.ok(disposition.kind !== 'done' && disposition.kind !== 'throttled');
        if (status === 403 && code.startsWith('1'))
          assert.ok(['retry', 'fail-item'].includes(disposition.kind), 'an edge 403 refused a token');
        if (disposition.kind === 'retry') assert.equal(disposition.retryAfterMs, Math.min(seconds * 1_000, RETRY_AFTER_MS_RETRIED_MAX));
      },
    ),
  },
  {
    name: 'retry-after',
    share: 1,
    property: fc.property(
      fc.oneof(
        headers,
        fc.integer().map(String),
        fc.bigInt().map(String),
        fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      ),
      fc.nat(),
      (text, nowWallMs) => {
        const ms = parseRetryAfterMs(text, nowWallMs);
        assert.ok(ms === undefined || (Number.isInteger(ms) && ms >= 0 && ms <= RETRY_AFTER_MS_MAX), String(ms));
        // Whatever else stands in a list or in the body, the longest counts.
        const told = toldWaitMs({ retryAfter: `${text ?? ''}, 60`, date: undefined, inBody: text }, nowWallMs);
        assert.equal(told, Math.max(ms ?? 0, 60_000));
      },
    ),
  },
];
