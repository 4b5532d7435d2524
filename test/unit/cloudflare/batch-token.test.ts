import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { parseBatchToken } from '../../../src/cloudflare/batch-token.ts';
import { type ApiAnswer, BatchToken, type Exchange } from '../../../src/cloudflare/types.ts';
import { readTokenAnswer } from '../../../src/answer/answers.ts';
import { apiAnswer } from '../../support/answer/api-answer.ts';

const NOW_MS = Date.UTC(2026, 10, 24, 2);
const EXPIRES_AT = '2026-11-24T03:00:00Z';
const HOUR_MS = 3_600_000;

function answer(body: unknown, more: Partial<ApiAnswer> = {}): ApiAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return apiAnswer({ body: text, ...more });
}

const tokenAnswer = (result: unknown, more: Partial<ApiAnswer> = {}): ApiAnswer =>
  answer({ success: true, errors: [], messages: [], result }, more);
const refusal = (httpStatus: number, ...codes: readonly number[]): ApiAnswer =>
  answer({ success: false, errors: codes.map((code) => ({ code, message: `error ${code}` })), result: null }, { httpStatus });

describe('the answer with a batch token', () => {
  it('gives the token, good for as long as is left of it', () => {
    const token = parseBatchToken(tokenAnswer({ token: 'eyJ.a-b_c', expiresAt: EXPIRES_AT }), NOW_MS);
    expect([token?.secretText(), token?.lifetimeMs]).toEqual(['eyJ.a-b_c', HOUR_MS]);
  });

  it.each(['Tue, 24 Nov 2026 02:00:00 GMT', '2026-11-24T02:00:00Z'])(
    'measures its life on the server’s clock (%s), not on one set wrong here',
    (date) => {
      for (const offsetMs of [-86_400_000, 0, 86_400_000])
        expect(parseBatchToken(tokenAnswer({ token: 'x', expiresAt: EXPIRES_AT }, { date }), NOW_MS + offsetMs)?.lifetimeMs).toBe(HOUR_MS);
    },
  );

  it('measures it on ours where the server does not say what time it is', () => {
    for (const date of [undefined, '', 'soon'])
      expect(parseBatchToken(tokenAnswer({ token: 'x', expiresAt: EXPIRES_AT }, { date }), NOW_MS + 1_000)?.lifetimeMs).toBe(
        HOUR_MS - 1_000,
      );
  });

  it.each([undefined, null, '', 'tomorrow', 1_795_489_200, {}, '2026-11-24T02:00:00Z', '2020-01-01T00:00:00Z'])(
    'with the expiry %j gives a token whose life is unknown',
    (expiresAt) => {
      const token = parseBatchToken(tokenAnswer({ token: 'x', expiresAt }), NOW_MS);
      expect([token?.secretText(), token?.lifetimeMs]).toEqual(['x', undefined]);
    },
  );

  it.each(['', ' ', 'a b', 'a\r\nx-evil: 1', 'a\tb', 'tökén', '\u0000', 'x'.repeat(8_193), 5, null, undefined, ['x'], {}, true])(
    'holds none where the token is %j',
    (token) => {
      expect(parseBatchToken(tokenAnswer({ token, expiresAt: EXPIRES_AT }), NOW_MS)).toBeUndefined();
    },
  );

  it.each([
    '',
    'null',
    '[]',
    '5',
    '"x"',
    '{',
    '<html>',
    '{"result":null}',
    '{"result":"x"}',
    '{"result":["x"]}',
    '{"result":{}}',
    '{"token":"x"}',
  ])('holds none where the body is %j', (body) => {
    expect(parseBatchToken(answer(body), NOW_MS)).toBeUndefined();
  });

  it('may hold as long a token as a header can', () =>
    expect(parseBatchToken(tokenAnswer({ token: 'x'.repeat(8_192) }), NOW_MS)?.secretText()).toHaveLength(8_192));
});

describe('a batch token', () => {
  it('prints as nothing, in any way', () => {
    const token = new BatchToken('very-secret', 5);
    const prints = [JSON.stringify({ token }), inspect(token, { depth: null, showHidden: true }), Object.values(token).join()];
    expect(prints.join()).not.toContain('very-secret');
  });

  it('is the same as another of the same text, whatever their lives', () => {
    expect(new BatchToken('a', 5).isSameAs(new BatchToken('a', undefined))).toBe(true);
    expect(new BatchToken('a', 5).isSameAs(new BatchToken('b', 5))).toBe(false);
  });
});

describe('what is read out of it', () => {
  const read = (exchange: Exchange): ReturnType<typeof readTokenAnswer> => readTokenAnswer(exchange, NOW_MS);

  it('is a token', () => {
    const given = read(tokenAnswer({ token: 'x', expiresAt: EXPIRES_AT }));
    expect(given.kind === 'token' && [given.token.secretText(), given.token.lifetimeMs]).toEqual(['x', HOUR_MS]);
  });

  it.each([
    ['a success without a token', tokenAnswer({})],
    ['a token no header can carry', tokenAnswer({ token: 'a\nb' })],
    ['a refusal that is not about credentials', refusal(400, 5_400)],
    ['a 404 in the envelope', refusal(404, 1_234)],
    ['a refusal with a token in it', tokenAnswer({ token: 'x' }, { httpStatus: 400 })],
  ])('is that there is none: %s', (_, given) =>
    expect(read(given)).toMatchObject({ kind: 'none', answer: { httpStatus: given.httpStatus } }),
  );

  it.each([
    ['no answer', { kind: 'no-answer', reason: 'timeout', code: 'timeout', message: 'no whole answer within 5 ms', durationMs: 5 }],
    ['a 500', refusal(500)],
    ['a token without success', answer({ result: { token: 'x' } })],
    ['half a body', answer('{"success":true,"result":{"token":"x"')],
  ] as const)('is that it is worth another try: %s', (_, given) => expect(read(given).kind).toBe('retry'));

  it('is how long to wait', () => {
    expect(read(answer('', { httpStatus: 429, retryAfter: '7' }))).toEqual({
      kind: 'throttled',
      retryAfterMs: 7_000,
      httpStatus: 429,
      code: undefined,
    });
    expect(read(answer({ success: true, errors: [{ code: 971 }], result: { token: 'x' } }))).toEqual({
      kind: 'throttled',
      retryAfterMs: undefined,
      httpStatus: 200,
      code: 971,
    });
  });

  it.each([
    [refusal(401), 'credentials'],
    [refusal(403), 'permission'],
    [refusal(403, 5_403), 'account'],
    [refusal(400, 10_000), 'credentials'],
    [refusal(404, 7_003), 'account'],
    [answer('<html>', { httpStatus: 404 }), 'address'],
    [answer('', { httpStatus: 301 }), 'address'],
    [answer('', { httpStatus: 407 }), 'proxy'],
  ])('is that the run must stop: %j', (given, reason) =>
    expect(read(given)).toMatchObject({ kind: 'stop-run', reason, answer: { httpStatus: given.httpStatus } }),
  );

  it.each([
    ['that cannot be sent', tokenAnswer({ token: 'sentinel-token x' })],
    ['of which half arrived', answer('{"success":true,"result":{"token":"sentinel-token')],
    ['that is all there is', answer('sentinel-token', { httpStatus: 299 })],
  ])('says nothing of a token %s', (_, given) =>
    expect(read(given)).toMatchObject({ answer: { message: `HTTP ${given.httpStatus} without a token that can be used` } }),
  );

  it.each([
    ['a refusal', refusal(400, 5_400), 'error 5400'],
    ['a status above success', answer('moved', { httpStatus: 300 }), 'moved'],
    ['a status below success', answer('early', { httpStatus: 199 }), 'early'],
    [
      'what kept the answer away',
      { kind: 'no-answer', reason: 'connection', code: 'ECONNRESET', message: 'ECONNRESET', durationMs: 5 },
      'ECONNRESET',
    ],
  ] as const)('says in its own words: %s', (_, given, message) => expect(read(given)).toMatchObject({ answer: { message } }));
});
