import type { ListProgress, ListResult } from '../../list/list-request.ts';
import { escapeForTerminal } from '../../text/escape.ts';
import { countOf, formatCount, formatDuration } from '../../text/format.ts';
import { progressText } from '../../text/progress-text.ts';

/** ` 12,000 of 1,204,551 images read, 8,113 listed  332/s  59 min 53 s left` */
export function listProgressText({ read, listed, total, perSecond }: ListProgress, columns: number): string {
  return progressText({ done: read, total, perSecond }, 'image', `read, ${formatCount(listed)} listed`, columns);
}

/** What is said at the end, below the error where there is one. */
export function listEndingText(result: ListResult, outPath: string | undefined, command: string): string {
  const { counts, isComplete, elapsedMs, requests, error, endedBecause, canGoOn } = result;
  const { read, listed } = counts;
  if (isComplete) {
    if (outPath === undefined) return '';
    const found = `${countOf(listed, 'image')}${read === listed ? '' : ` of ${formatCount(read)} read`}`;
    return `${escapeForTerminal(outPath)}: ${found}, in ${formatDuration(elapsedMs)} (${countOf(requests, 'request')})\n`;
  }
  // The error has said everything of a list that was never begun.
  if (error !== undefined && requests === 0 && !canGoOn) return '';
  const stopped = error === undefined ? `List ${endedBecause}: ` : '';
  const far = `${countOf(read, 'image')} read, ${formatCount(listed)} listed`;
  if (canGoOn) return `${stopped}${far}, kept beside ${escapeForTerminal(outPath ?? '')}. The same command goes on there:\n  ${command}\n`;
  if (outPath !== undefined) return `${stopped}${far}; nothing was written to ${escapeForTerminal(outPath)}.\n`;
  return read === 0 ? `${stopped}nothing was listed.\n` : `${stopped}${far}: what was written is not the whole list.\n`;
}
