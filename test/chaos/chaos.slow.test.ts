import { describe, expect, it } from 'vitest';

import { runTrial, type TrialResult } from './run-trial.ts';

/** The suite's share; `npm run chaos` goes on for as long as it is told. */
const SHARE_MS = 30_000;
const FIRST_SEED = 20_261_124;
const TEST_MS_MAX = 300_000;

/** Seeds whose trials once failed, and what they found; they run first, whatever time it takes. */
const SEEDS_THAT_FAILED: readonly (readonly [seed: number, found: string])[] = [
  [20_261_150, 'a plan is not drawn again once something has been sent'],
];

function tell({ seed, problems, story, folder }: TrialResult): string {
  return problems.length === 0 ? '' : [`npm run chaos -- --trials 1 --seed ${seed}   files in ${folder}`, ...story, ...problems].join('\n');
}

describe('chaos', () => {
  it(
    'trials drawn by seed: whatever was killed and stopped, the server’s own record, checkpoint and report agree',
    { timeout: TEST_MS_MAX },
    async () => {
      const endMs = performance.now() + SHARE_MS;
      let trials = 0;
      for (; performance.now() < endMs; trials++) expect(tell(await runTrial(FIRST_SEED + trials))).toBe('');
      expect(trials).toBeGreaterThan(0);
    },
  );

  it.each(SEEDS_THAT_FAILED)('seed %i: %s', { timeout: TEST_MS_MAX }, async (seed) => {
    expect(tell(await runTrial(seed))).toBe('');
  });
});
