import { describe, expect, it } from 'vitest';

import { type HistoryResult, runHistory } from './history.ts';

/** The suite's share; `npm run chaos:histories` draws 2,000. */
const HISTORY_COUNT = 100;
const FIRST_SEED = 20_261_126;
const TEST_MS_MAX = 900_000;

function tell({ seed, problems, story }: HistoryResult): string {
  return problems.length === 0 ? '' : [`npm run chaos:histories -- --count 1 --seed ${seed}`, ...story, ...problems].join('\n');
}

describe('histories of a person with a checkpoint', () => {
  it(
    'no ID that an exclude file held is sent, no guard goes unnoticed, no list is changed, no advised command fails on its own terms',
    { timeout: TEST_MS_MAX },
    async () => {
      let pastedCount = 0;
      for (let index = 0; index < HISTORY_COUNT; index++) {
        const result = await runHistory(FIRST_SEED + index);
        expect(tell(result)).toBe('');
        pastedCount += result.pastedCount;
      }
      expect(pastedCount).toBeGreaterThan(HISTORY_COUNT / 2);
    },
  );
});
