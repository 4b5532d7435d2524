import { durationText, MS_PER_UNIT } from '../../domain/spelling/duration-text.ts';
import { usageError } from '../../domain/errors.ts';

/** Long enough for any age of a file, short enough that adding it to a date stays a date. */
export const AGE_MS_MAX: number = 3_650 * 86_400_000;

const DURATION = /^(\d{1,15})(ms|s|m|h|d)$/;

/** `500ms`, `30s`, `5m`, `2h` or `7d` as milliseconds; `undefined` where the text is none of these. */
export function durationMs(text: string): number | undefined {
  const match = DURATION.exec(text.trim());
  const msPerUnit = MS_PER_UNIT[match?.[2] ?? ''];
  return match === null || msPerUnit === undefined ? undefined : Number(match[1]) * msPerUnit;
}

/** A parser of durations from 1 ms up to `msMax`. */
export function parseDuration(msMax: number): (text: string, label: string) => number {
  return (text, label) => {
    const ms = durationMs(text);
    if (ms === undefined || ms < 1) {
      throw usageError('OPTION_VALUE', `${label} must be a duration, got ${JSON.stringify(text)}`, 'Examples: 500ms, 30s, 5m, 2h, 7d');
    }
    if (ms > msMax) {
      throw usageError('OPTION_VALUE', `${label} must be at most ${durationText(msMax)}, got ${JSON.stringify(text)}`);
    }
    return ms;
  };
}
