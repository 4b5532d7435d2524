import { describe, expect, it } from 'vitest';

import { readAnswer } from '../../../src/answer/answers.ts';
import { noBatchTokenError } from '../../../src/connect/stop-errors.ts';
import { apiAnswer } from '../../support/answer/api-answer.ts';

function errorOf(code: number): string {
  const answer = readAnswer(
    apiAnswer({
      httpStatus: 403,
      body: JSON.stringify({ result: null, success: false, errors: [{ code, message: 'no' }], messages: [] }),
      retryAfter: '900',
    }),
    'batch',
    0,
  );
  const { message, nextSteps } = noBatchTokenError(answer, 'images-purge resume x --batch-tokens 2', 'images-purge resume x');
  return [message, ...nextSteps].join('\n');
}

describe('the last batch lane', () => {
  it('that closes after too many authentication failures suggests to wait, and no other way to fail', () => {
    const text = errorOf(10502);
    expect(text).toContain('Wait 15 min, as the API asks, and do not try in a loop');
    expect(text).toContain('Then go on with:  images-purge resume x --batch-tokens 2');
    expect(text).not.toContain('To try again');
    expect(text).not.toContain('own quota');
  });

  it('that closes for another reason suggests both ways to go on', () => {
    const text = errorOf(10000);
    expect(text).toContain('To try again, perhaps with fewer tokens:      images-purge resume x --batch-tokens 2');
    expect(text).toContain('on the account’s own quota:  images-purge resume x');
  });
});
