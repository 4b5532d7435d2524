/** Reads values from a checkpoint, and refuses those that no version of ours has written. */

import type { ErrorCode } from '../../domain/result-fields.ts';
import { UnsoundError } from '../file/sqlite-error.ts';

/** What a `Date` can hold. */
const TIME_MS_MAX = 8_640_000_000_000_000;

/** Milliseconds since 1970. */
export function storedTime(value: unknown): number {
  if (Number.isInteger(value) && Math.abs(value as number) <= TIME_MS_MAX) return value as number;
  throw new UnsoundError('it holds an invalid time');
}

export function storedCount(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new UnsoundError('it holds an invalid count');
}

/** `undefined`: none. */
export function storedCode(value: unknown): ErrorCode | undefined {
  return typeof value === 'number' || typeof value === 'string' ? value : undefined;
}

export function storedObject(json: unknown): object {
  try {
    const stored: unknown = JSON.parse(String(json));
    if (typeof stored === 'object' && stored !== null) return stored;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new UnsoundError('its description of itself cannot be read');
}
