import { describe, expect, it } from 'vitest';

import { readCountAnswer, readVerifyAnswer } from '../../../src/answer/check-answers.ts';
import type { ApiAnswer } from '../../../src/cloudflare/types.ts';
import { apiAnswer } from '../../support/answer/api-answer.ts';

function answer(httpStatus: number, body: unknown): ApiAnswer {
  return apiAnswer({ httpStatus, body: typeof body === 'string' ? body : JSON.stringify(body) });
}

const ok = (result: unknown, messages: unknown[] = []): ApiAnswer => answer(200, { success: true, errors: [], messages, result });

describe('the verification of a token', () => {
  it('that succeeds may hold code 10000 among its messages', () => {
    expect(
      readVerifyAnswer(ok({ id: 'x', status: 'active' }, [{ code: 10000, message: 'This API Token is valid and active' }]), 0),
    ).toEqual({
      kind: 'verified',
      status: 'active',
      expiresOn: undefined,
      notBefore: undefined,
    });
  });

  it.each([
    ['no result', ok(null)],
    ['a result without a status', ok({ id: 'x' })],
    ['a status that is no text', ok({ status: 1 })],
    ['a refusal', answer(401, { success: false, errors: [{ code: 1000, message: 'Invalid API Token' }] })],
    ['no such route', answer(404, { success: false, errors: [{ code: 7003, message: 'No route' }] })],
    ['a page', answer(404, '<html>')],
  ])('%s tells nothing, and ends nothing', (_, exchange) => {
    expect(readVerifyAnswer(exchange, 0)).toMatchObject({ kind: 'not-told' });
  });

  it('a time that is none is left out', () => {
    expect(readVerifyAnswer(ok({ status: 'active', expires_on: 'never', not_before: 5 }), 0)).toMatchObject({
      expiresOn: undefined,
      notBefore: undefined,
    });
  });

  it('shows no secret that a server sends back in place of a status or a time', () => {
    const secret = 'cfut_abcdefgh';
    const exchange = ok({ status: `odd ${secret}`, expires_on: `${secret} 1`, not_before: '2026-11-24T02:00:00Z' });
    expect(readVerifyAnswer({ ...exchange, redact: (text) => text.replaceAll(secret, '[redacted]') }, 0)).toEqual({
      kind: 'verified',
      status: 'odd [redacted]',
      expiresOn: undefined,
      notBefore: '2026-11-24T02:00:00Z',
    });
  });

  it('throttling and failures of the server are waited out as for any question', () => {
    expect(readVerifyAnswer(answer(429, { success: false, errors: [{ code: 971, message: 'wait' }] }), 0)).toMatchObject({
      kind: 'throttled',
    });
    expect(readVerifyAnswer(answer(503, '<html>'), 0)).toMatchObject({ kind: 'retry' });
  });
});

describe('the image count', () => {
  it.each([
    [{ current: 3, allowed: 10 }, 10],
    [{ current: 3 }, undefined],
    [{ current: 3, allowed: '10' }, undefined],
    [{ current: 3, allowed: -1 }, undefined],
  ])('%j: allowed are %j', (count, allowed) => {
    expect(readCountAnswer(ok({ count }), 0)).toEqual({ kind: 'count', current: 3, allowed });
  });

  it('that may not be read keeps what refused it', () => {
    expect(readCountAnswer(answer(403, { success: false, errors: [{ code: 10000, message: 'no' }] }), 0)).toMatchObject({
      kind: 'unreadable',
      answer: { httpStatus: 403, code: 10000 },
    });
  });
});
