import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { PreparedScenario } from './crash-at.ts';
import { createDraw } from './draw.ts';
import { type Scenario, SCENARIOS } from './scenarios.ts';

/** The suite's share of what `npm run chaos:steps` does at every step of every scenario. */
const SHARE_MS = 50_000;
const STEPS_PER_SCENARIO = 2;
const TEST_MS_MAX = 300_000;
const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

async function crashAtSome(scenario: Scenario, ats: readonly number[]): Promise<string[]> {
  using prepared = await PreparedScenario.create(scenario);
  const problems: string[] = [];
  for (const at of ats) {
    const crash = await prepared.crashAt(at, at % 2 === 0);
    problems.push(...crash.problems.map((problem) => `${scenario.name}, step ${at} (${crash.step ?? 'beyond the end'}): ${problem}`));
  }
  return problems;
}

describe('a crash at a step', () => {
  it('of any command: run again, it comes to the end with nothing lost, repeated or invented', { timeout: TEST_MS_MAX }, async () => {
    const draw = createDraw(20_261_124);
    const endMs = performance.now() + SHARE_MS;
    let scenarios = 0;
    for (const scenario of SCENARIOS) {
      const ats = Array.from({ length: STEPS_PER_SCENARIO }, () => draw.between(1, 80));
      if (performance.now() > endMs) break;
      expect(await crashAtSome(scenario, ats)).toEqual([]);
      scenarios++;
    }
    expect(scenarios).toBeGreaterThan(0);
  });

  it('is brought about from outside: what is shipped can neither be told to crash nor kills anything', () => {
    const shipped = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
    expect(shipped.length).toBeGreaterThan(100);
    for (const name of shipped) expect(readFileSync(join(DIST, name), 'utf8'), name).not.toMatch(/SIGKILL|process\.kill|failpoint|crash-here|process\.abort/i);
  });
});
