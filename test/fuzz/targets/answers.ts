import assert from 'node:assert/strict';

import * as fc from '../../support/fast-check.ts';

import { parseBatchToken } from '../../../src/cloudflare/batch-token.ts';
import { readAnswer, readStatsAnswer, readTokenAnswer } from '../../../src/answer/answers.ts';
import { readBody } from '../../../src/answer/edge-error.ts';
import { RETRY_AFTER_MS_MAX } from '../../../src/answer/retry-after.ts';
import { RETRY_AFTER_MS_RETRIED_MAX } from '../../../src/answer/retry-timing.ts';
import { parseRatelimit } from '../../../src/pace/quota/ratelimit-headers.ts';
import type { FuzzTarget } from '../target.ts';
import { texts } from '../texts.ts';
import { answerOf, codes, edgeLikeBodies, headers, problems } from './edge-answers.ts';

const errors = fc.oneof(
  fc.array(
    fc.oneof(
      fc.record(
        {
          code: codes,
          message: fc.oneof(texts, fc.jsonValue()),
          documentation_url: fc.oneof(texts, fc.jsonValue()),
          error_chain: fc.oneof(fc.array(fc.record({ code: codes, message: texts })), fc.jsonValue()),
        },
        { requiredKeys: [] },
      ),
      fc.jsonValue(),
    ),
    {
      maxLength: 3,
    },
  ),
  fc.jsonValue(),
);
const envelopes = fc.record(
  {
    success: fc.oneof(fc.boolean(), fc.constantFrom<unknown>('true', 1, null)),
    errors,
    result: fc.oneof(
      fc.jsonValue(),
      fc.record({ token: texts, expiresAt: texts }),
      fc.record({ count: fc.record({ current: fc.oneof(fc.double(), fc.jsonValue()) }) }),
    ),
    messages: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const bodies = fc.oneof(
  edgeLikeBodies,
  fc.tuple(envelopes, problems).map(([envelope, problem]) => JSON.stringify({ ...problem, ...envelope })),
  envelopes.map((envelope) => JSON.stringify(envelope)),
  fc.tuple(envelopes, fc.nat()).map(([envelope, cut]) => JSON.stringify(envelope).slice(0, cut % 400)),
  fc.constantFrom(
    'ERROR 5404: Image not found',
    '<html><title>Attention Required! | Cloudflare</title></html>',
    '\ufeff{"success":true}',
    '{"success":true}}',
    '{"success":true,"success":false}',
    '{"__proto__":{"success":true}}',
  ),
  texts,
  fc.json(),
);
const answers = fc.record({
  httpStatus: fc.oneof(
    fc.constantFrom(200, 201, 204, 301, 400, 401, 403, 404, 407, 408, 429, 500, 503, 520),
    fc.integer({ min: 200, max: 999 }),
  ),
  body: fc.option(bodies, { nil: undefined, freq: 20 }),
  retryAfter: headers,
  date: headers,
  cfRay: headers,
});

function isSuccessInJson(body = ''): boolean {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && (parsed as { success?: unknown }).success === true;
  } catch {
    return false; // No JSON says nothing.
  }
}

const item = fc.oneof(
  fc.constantFrom(
    '"default";q=1200;w=300',
    '"default";r=50;t=30',
    'default;q=1',
    '"a\\"b";r=1',
    '*;q=10;w=1',
    ',',
    ';',
    '"',
    '"'.repeat(500),
    ';a='.repeat(900),
    ' '.repeat(3_000),
    '\\'.repeat(999),
    'a;'.repeat(2_000),
    '"a";q="1;r=5"',
  ),
  texts,
);
const lists = fc.option(
  fc.array(item, { maxLength: 6 }).map((items) => items.join(',')),
  { nil: undefined },
);

export const answerTargets: readonly FuzzTarget[] = [
  {
    name: 'answers',
    share: 1,
    property: fc.property(answers, fc.constantFrom<'account' | 'batch'>('account', 'batch'), fc.nat(), (given, lane, nowWallMs) => {
      const answer = answerOf(given);
      const { disposition, code, message } = readAnswer(answer, lane, nowWallMs);
      const isSuccess = answer.httpStatus >= 200 && answer.httpStatus < 300 && isSuccessInJson(answer.body);
      if (disposition.kind === 'done' && disposition.outcome === 'deleted') assert.ok(isSuccess, 'deleted, and the API did not say so');
      if (disposition.kind === 'done' && disposition.outcome === 'absent')
        assert.ok(answer.httpStatus === 404 && /5404/.test(answer.body ?? ''));
      if (isSuccess) assert.ok(['done', 'throttled'].includes(disposition.kind));
      if (answer.httpStatus >= 300 && answer.httpStatus < 400) assert.ok(['stop-run', 'throttled'].includes(disposition.kind));
      if (answer.httpStatus >= 500) assert.ok(['retry', 'throttled'].includes(disposition.kind));
      if (disposition.kind === 'throttled' || disposition.kind === 'retry') {
        const { kind, retryAfterMs = 0 } = disposition;
        assert.ok(Number.isInteger(retryAfterMs) && retryAfterMs >= 0);
        assert.ok(retryAfterMs <= (kind === 'retry' ? RETRY_AFTER_MS_RETRIED_MAX : RETRY_AFTER_MS_MAX));
      }
      assert.ok(code === undefined || Number.isSafeInteger(code));
      assert.ok(message.length <= 500 && !/[\r\n]/.test(message));
    }),
  },
  {
    name: 'stats-and-tokens',
    share: 1,
    property: fc.property(answers, fc.nat(), (given, nowWallMs) => {
      const answer = answerOf(given);
      const stats = readStatsAnswer(answer, nowWallMs);
      if (stats.kind === 'count') assert.ok(Number.isFinite(stats.current) && stats.current >= 0 && isSuccessInJson(answer.body));
      const token = readTokenAnswer(answer, nowWallMs);
      if (token.kind === 'token') assert.ok(/^[\x21-\x7e]{1,8192}$/.test(token.token.secretText()) && (token.token.lifetimeMs ?? 1) > 0);
      parseBatchToken(answer, nowWallMs);
    }),
  },
  {
    name: 'envelope',
    share: 1,
    property: fc.property(bodies, (body) => {
      const envelope = readBody(body).envelope;
      if (envelope === undefined) return;
      for (const { code, message } of envelope.errors)
        assert.ok((code === undefined || Number.isSafeInteger(code)) && (message === undefined || typeof message === 'string'));
      assert.ok(envelope.statsCount === undefined || envelope.statsCount >= 0);
    }),
  },
  {
    name: 'ratelimit',
    share: 1,
    property: fc.property(lists, lists, (limit, policy) => {
      const startedMs = performance.now();
      for (const { quota, windowMs, left } of parseRatelimit(limit, policy)) {
        assert.ok(
          Number.isSafeInteger(quota) && quota >= 1 && Number.isSafeInteger(windowMs) && windowMs >= 1_000 && left >= 0 && left <= quota,
        );
      }
      // Far above what it takes on a busy machine, far below what a regular expression gone wild takes.
      assert.ok(performance.now() - startedMs < 5_000, 'the headers took seconds to read');
    }),
  },
];
