import type { PurgeResult } from '../../run/purge-result.ts';
import { endingText as textOf } from '../../report/summary-text.ts';

/** What stderr says last. */
export function endingText(result: PurgeResult): string {
  return textOf({ ...result, hasError: result.error !== undefined });
}
