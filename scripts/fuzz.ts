/**
 * `npm run fuzz -- [--runs N] [--minutes M] [--seed S] [--target NAME]`: hostile input for everything that takes any.
 * Rounds go on until the minutes are over; without `--minutes` there is one.
 *
 * @module
 */
import { parseArgs } from 'node:util';

import { runTarget } from '../test/fuzz/target.ts';
import { TARGETS } from '../test/fuzz/targets.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '50000' },
    minutes: { type: 'string', default: '0' },
    seed: { type: 'string' },
    target: { type: 'string' },
  },
});
const runCount = Number(values.runs);
const endMs = performance.now() + Number(values.minutes) * 60_000;
const targets = TARGETS.filter(({ name }) => values.target === undefined || name === values.target);
if (targets.length === 0) throw new Error(`no target ${values.target}; there are: ${TARGETS.map(({ name }) => name).join(', ')}`);

const counts = new Map<string, number>();
let seed = values.seed === undefined ? Date.now() >>> 1 : Number(values.seed);
try {
  do {
    for (const target of targets) {
      const startedMs = performance.now();
      const count = await runTarget(target, runCount, seed);
      counts.set(target.name, (counts.get(target.name) ?? 0) + count);
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      console.log(`${target.name.padEnd(22)}${String(count).padStart(9)} cases in ${seconds} s, seed ${seed}`);
    }
    seed++;
  } while (performance.now() < endMs);
  console.log(`${[...counts.values()].reduce((sum, count) => sum + count, 0)} cases, none failed`);
} catch (error) {
  // The cause is what a case did; without it there is only its input.
  console.error(error instanceof Error ? error.message : error, error instanceof Error ? error.cause : '');
  process.exitCode = 1;
} finally {
  for (const { close } of TARGETS) close?.();
}
