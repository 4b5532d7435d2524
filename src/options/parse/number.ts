import { usageError } from '../../domain/errors.ts';
import type { CountMax } from '../../run/run-options.ts';

const WHOLE = /^\d{1,15}$/;
/** The largest that {@link WHOLE} reads. */
export const WHOLE_MAX = 999_999_999_999_999;
const PERCENT = /^(\d{1,3}(?:\.\d{1,6})?)\s*%$/;

/** A parser of whole numbers within bounds, both included. */
export function parseInteger(min: number, max: number): (text: string, label: string) => number {
  return (text, label) => integerInBounds(WHOLE.test(text.trim()) ? Number(text) : Number.NaN, min, max, label, text);
}

/** @param given - what the error message shows */
export function integerInBounds(value: number, min: number, max: number, label: string, given: unknown): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw usageError('OPTION_VALUE', `${label} must be a whole number from ${min} to ${max}, got ${shown(given)}`);
}

/** A parser of bounds: `5000` is a number of IDs, `25%` a share of what `of` says. */
export function parseCountMax(of: string): (text: string, label: string) => CountMax {
  return (text, label) => {
    const trimmed = text.trim();
    if (WHOLE.test(trimmed)) return { kind: 'count', count: Number(trimmed) };

    const percent = Number(PERCENT.exec(trimmed)?.[1] ?? Number.NaN);
    if (percent >= 0 && percent <= 100) return { kind: 'share', percent };
    throw countMaxError(of, label, text);
  };
}

/** A number from a program: of IDs. */
export function countMaxFromNumber(of: string): (count: number, label: string) => CountMax {
  return (count, label) => {
    if (Number.isInteger(count) && count >= 0 && count <= WHOLE_MAX) return { kind: 'count', count };
    throw countMaxError(of, label, count);
  };
}

function countMaxError(of: string, label: string, given: unknown): Error {
  return usageError('OPTION_VALUE', `${label} must be a number of IDs or a share of ${of}, got ${shown(given)}`, 'Examples: 5000, 25%');
}

/** A parser of shares as percentages, `2%`; returned as such, from 0 to `max`. */
export function parsePercentUpTo(max: number): (text: string, label: string) => number {
  return (text, label) => {
    const percent = Number(PERCENT.exec(text.trim())?.[1] ?? Number.NaN);
    if (percent >= 0 && percent <= max) return percent;
    throw usageError('OPTION_VALUE', `${label} must be a percentage from 0% to ${max}%, got ${JSON.stringify(text)}`, 'Example: 2%');
  };
}

/** JSON has no `NaN` and no `Infinity`. */
function shown(given: unknown): string {
  return typeof given === 'number' ? String(given) : JSON.stringify(given);
}
