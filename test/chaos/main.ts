/**
 * `npm run chaos -- --minutes 10 [--seed N] [--jobs N]`: trials drawn by seed, each a purge that is killed, stopped and
 * taken up again against a faulty server, until the time is up. With `--trials 1 --seed N` one trial is repeated.
 *
 * @module
 */
import { parseArgs } from 'node:util';

import { runTrial, type TrialResult } from './run-trial.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    trials: { type: 'string' },
    jobs: { type: 'string', default: '2' },
  },
});
const firstSeed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000_000) : Number(values.seed);
const trialCountMax = values.trials === undefined ? Infinity : Number(values.trials);
const endMs = performance.now() + Number(values.minutes) * 60_000;
const sum = { trials: 0, runs: 0, kills: 0, ids: 0, requests: 0, failures: 0, oldestLostMs: 0 };
let nextSeed = firstSeed;

async function work(): Promise<void> {
  while (performance.now() < endMs && nextSeed - firstSeed < trialCountMax) note(await runTrial(nextSeed++));
}

function note(result: TrialResult): void {
  sum.trials++;
  sum.runs += result.runCount;
  sum.kills += result.killCount;
  sum.ids += result.idCount;
  sum.requests += result.requestCount;
  sum.oldestLostMs = Math.max(sum.oldestLostMs, Math.round(result.oldestLostMs));
  if (result.problems.length > 0) {
    sum.failures++;
    console.log(`\nseed ${result.seed} FAILED (again: npm run chaos -- --trials 1 --seed ${result.seed}), files in ${result.folder}`);
    for (const line of [...result.story, ...result.problems.map((problem) => `  !! ${problem}`)]) console.log(`  ${line}`);
  } else if (sum.trials % 20 === 0) console.log(totals());
}

function totals(): string {
  return (
    `${sum.trials} trials, ${sum.runs} runs, ${sum.kills} kills, ${sum.ids} IDs, ${sum.requests} requests, ${sum.failures} failures; ` +
    `the oldest answer lost to a kill was asked for ${sum.oldestLostMs} ms before it`
  );
}

console.log(`chaos from seed ${firstSeed}`);
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
console.log(`\n${totals()}`);
process.exitCode = sum.failures > 0 ? 1 : 0;
