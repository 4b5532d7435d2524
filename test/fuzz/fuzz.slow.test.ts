import { afterAll, describe, expect, it } from 'vitest';

import { CASES_SEED } from '../support/fast-check.ts';
import { runTarget } from './target.ts';
import { TARGETS } from './targets.ts';

/** A bounded share of what `npm run fuzz` runs. */
const RUNS = 4_000;

afterAll(() => {
  for (const { close } of TARGETS) close?.();
});

describe('fuzzing', () => {
  it.each(TARGETS.map((target) => [target.name, target] as const))('%s: no input does what it must not', async (_, target) => {
    expect(await runTarget(target, RUNS, CASES_SEED)).toBeGreaterThan(0);
  });
});
