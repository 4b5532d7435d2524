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
