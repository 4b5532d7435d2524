import { describe, expect, it } from 'vitest';

import { readAnswer } from '../../../src/answer/answers.ts';
import { apiAnswer } from '../../support/answer/api-answer.ts';

const SUCCESS = '{"result":{},"success":true,"errors":[],"messages":[]}';

describe('the same answer again', () => {
  it('is read as the first time, by the reading of the first time', () => {
    const first = readAnswer(apiAnswer({ body: SUCCESS }), 'account', 0);
    expect(first).toMatchObject({ disposition: { kind: 'done', outcome: 'deleted' }, httpStatus: 200 });
    expect(readAnswer(apiAnswer({ body: SUCCESS, cfRay: 'ray', durationMs: 7 }), 'batch', 9)).toBe(first);
  });

  it.each([
    ['another status', { httpStatus: 403, body: SUCCESS }, { kind: 'stop-run', reason: 'permission' }],
    ['another letter', { body: SUCCESS.replace('true', 'null') }, { kind: 'retry', retryAfterMs: undefined }],
    ['no body', { body: undefined }, { kind: 'retry', retryAfterMs: undefined }],
    ['a wait that is asked for', { httpStatus: 503, body: SUCCESS, retryAfter: '7' }, { kind: 'retry', retryAfterMs: 7_000 }],
  ])('with %s is another answer', (_, given, disposition) => {
    readAnswer(apiAnswer({ body: SUCCESS }), 'account', 0);
    expect(readAnswer(apiAnswer(given), 'account', 0).disposition).toEqual(disposition);
  });

  it('is not taken for it where its message depends on what is redacted', () => {
    const body = '{"success":true,"errors":[{"message":"a secret"}]}';
    const hidden = (redact: string): string =>
      readAnswer(apiAnswer({ body, redact: (text) => text.replace(redact, '…') }), 'account', 0).message;
    expect([hidden('a'), hidden('secret')]).toEqual(['… secret', 'a …']);
  });
});
