import type { ReadAnswer } from '../../../src/answer/answers.ts';
import type { ApiAnswer } from '../../../src/cloudflare/types.ts';

const BARE: ApiAnswer = {
  kind: 'answer',
  httpStatus: 200,
  body: '',
  retryAfter: undefined,
  ratelimit: undefined,
  ratelimitPolicy: undefined,
  date: undefined,
  cfRay: undefined,
  redact: (text) => text,
  durationMs: 1,
};

/** An answer as the transport gives it: 200 without a body, but for what is said. */
export function apiAnswer(given: Partial<ApiAnswer>): ApiAnswer {
  return { ...BARE, ...given };
}

/** A refusal of the account's credentials. */
export const REFUSED: ReadAnswer = {
  disposition: { kind: 'stop-run', reason: 'credentials' },
  httpStatus: 403,
  code: 10000,
  message: 'Authentication error',
  cfRay: undefined,
  retryAfterMs: undefined,
};
