import type { PurgeResult } from '../purge/types.ts';
export function endingText(result: PurgeResult): string {
  return `${result.endedBecause} exit ${result.exitCode}\n`;
}
