import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { PreparedScenario } from './crash-at.ts';
import { createDraw } from './draw.ts';
import { BACKUP_SCENARIOS, SCENARIOS } from './scenarios.ts';

const TEST_MS_MAX = 300_000;
const SEED = 20_261_125;
/** Steps fall differently each time: those before this part of them are there for certain. */
const CERTAIN_PART = 0.8;
const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/** The suite's share of what `npm run chaos:steps` does at every step of every scenario. */
describe('a crash', () => {
  it.each([...SCENARIOS, ...BACKUP_SCENARIOS.slice(0, 1)].map((scenario, index) => ({ index, scenario, name: scenario.name })))(
    'of $name: run again, it comes to the end with nothing lost, repeated or invented',
    { timeout: TEST_MS_MAX },
    async ({ index, scenario }) => {
      using prepared = await PreparedScenario.create(scenario);
      const draw = createDraw(SEED + index);
      const stepCount = await prepared.stepCount();
      const certain = Math.floor(stepCount * CERTAIN_PART);
      // Half of them near the end, where a run finishes; it may have come to it before.
      const isEarly = index % 2 === 0;
      const at = isEarly ? draw.between(1, certain) : draw.between(certain + 1, stepCount);
      const { step, problems } = await prepared.crashAt(at, draw.chance(0.5));
      expect({ at, problems }).toEqual({ at, problems: [] });
      if (isEarly) expect(step).toBeDefined();
    },
  );

  it('is brought about from outside: what is shipped cannot be told to crash, and kills only what it has started', () => {
    // The command of `--on-end` where it hangs.
    const killsOwnChild = 'own.kill(-child.pid, "SIGKILL")';
    const shipped = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
    expect(shipped.length).toBeGreaterThan(20);
    const texts = shipped.map((name) => readFileSync(join(DIST, name), 'utf8'));
    expect(texts.filter((text) => text.includes(killsOwnChild))).toHaveLength(1);
    for (const text of texts) expect(text.replace(killsOwnChild, '')).not.toMatch(/SIGKILL|\.kill\(|failpoint|crash-here|process\.abort/i);
  });
});
