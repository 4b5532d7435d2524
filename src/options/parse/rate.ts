import { TIMER_MS_MAX } from '../../domain/clock.ts';
import { durationText } from '../../domain/spelling/duration-text.ts';
import { usageError } from '../../domain/errors.ts';
import type { Rate } from '../../domain/rate.ts';
import { durationMs } from './duration.ts';

/** Far above any quota there is; more than this is a typing error, and is refused. */
export const RATE_REQUESTS_MAX = 1_000_000;

const RATE = /^(\d{1,9})\s*\/\s*(\d*(?:ms|s|m|h|d))$/;

/** `1200/5m`, `200/s` (a unit alone is one of it) or `unlimited`. */
export function parseRate(text: string, label: string): Rate {
  const trimmed = text.trim();
  if (trimmed === 'unlimited') return { kind: 'unlimited' };

  const match = RATE.exec(trimmed);
  const requests = Number(match?.[1] ?? 0);
  const span = match?.[2] ?? '';
  const perMs = durationMs(/^\d/.test(span) ? span : `1${span}`);
  if (match === null || perMs === undefined || requests < 1 || perMs < 1) {
    throw usageError(
      'OPTION_VALUE',
      `${label} must be a number of requests in a duration, got ${JSON.stringify(text)}`,
      'Examples: 1200/5m, 200/s, unlimited',
    );
  }
  if (requests > RATE_REQUESTS_MAX || perMs > TIMER_MS_MAX) {
    throw usageError(
      'OPTION_VALUE',
      `${label} must be at most ${RATE_REQUESTS_MAX} requests in at most ${durationText(TIMER_MS_MAX)}, got ${JSON.stringify(text)}`,
      'To send as fast as the API answers: unlimited',
    );
  }
  return { kind: 'limited', requests, perMs };
}
