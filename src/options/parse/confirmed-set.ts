import { usageError } from '../../domain/errors.ts';
import type { ConfirmedSet } from '../../run/run-options.ts';

const DIGEST = /^[0-9a-f]{12}$/i;
const COUNT = /^\d{1,15}$/;

/** Twelve hexadecimal digits are a digest, other digits a number of IDs. */
export function parseConfirmedSet(text: string, label: string): ConfirmedSet {
  const trimmed = text.trim();
  if (DIGEST.test(trimmed)) return { kind: 'digest', digest: trimmed.toLowerCase() };
  if (COUNT.test(trimmed)) return { kind: 'count', count: Number(trimmed) };
  throw confirmedSetError(label, text);
}

/** A number from a program: of IDs. */
export function confirmedSetFromNumber(count: number, label: string): ConfirmedSet {
  if (Number.isSafeInteger(count) && count >= 0) return { kind: 'count', count };
  throw confirmedSetError(label, String(count));
}

function confirmedSetError(label: string, given: string): Error {
  return usageError(
    'OPTION_VALUE',
    `${label} must be the digest of a plan (12 hexadecimal digits) or a number of IDs, got ${JSON.stringify(given)}`,
    'The plan shows the digest: images-purge delete … --dry-run',
  );
}
