import { usageError } from '../../domain/errors.ts';
import type { DeletesMax } from '../../run/run-options.ts';

const WHOLE = /^\d{1,15}$/;
const PERCENT = /^(\d{1,3}(?:\.\d{1,6})?)\s*%$/;

/** A parser of whole numbers within bounds, both included. */
export function parseInteger(min: number, max: number): (text: string, label: string) => number {
  return (text, label) => {
    const value = WHOLE.test(text.trim()) ? Number(text) : undefined;
    if (value === undefined || value < min || value > max) {
      throw usageError('OPTION_VALUE', `${label} must be a whole number from ${min} to ${max}, got ${JSON.stringify(text)}`);
    }
    return value;
  };
}

/** `5000` is a number of IDs, `25%` a share of the account's images. */
export function parseDeletesMax(text: string, label: string): DeletesMax {
  const trimmed = text.trim();
  if (WHOLE.test(trimmed)) return { kind: 'count', count: Number(trimmed) };

  const percent = Number(PERCENT.exec(trimmed)?.[1] ?? Number.NaN);
  if (percent >= 0 && percent <= 100) return { kind: 'share', percent };
  throw usageError(
    'OPTION_VALUE',
    `${label} must be a number of IDs or a share of the account's images, got ${JSON.stringify(text)}`,
    'Examples: 5000, 25%',
  );
}

/** A parser of shares as percentages, `2%`; returned as such, from 0 to `max`. */
export function parsePercentUpTo(max: number): (text: string, label: string) => number {
  return (text, label) => {
    const percent = Number(PERCENT.exec(text.trim())?.[1] ?? Number.NaN);
    if (percent >= 0 && percent <= max) return percent;
    throw usageError('OPTION_VALUE', `${label} must be a percentage from 0% to ${max}%, got ${JSON.stringify(text)}`, 'Example: 2%');
  };
}

export const parsePercent: (text: string, label: string) => number = parsePercentUpTo(100);
