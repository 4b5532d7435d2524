/**
 * `npm run chaos:kills [-- --kills 3000] [--seed N] [--only WORDS]`: each scenario's command is killed at random instants of its life, and
 * now and then the same command that goes on after it too; then it is run to its end and the oracle asked.
 *
 * @module
 */
import { parseArgs } from 'node:util';

import { PreparedScenario } from './crash-at.ts';
import { createDraw, type Draw } from './draw.ts';
import { type Scenario, SCENARIOS } from './scenarios.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '3000' },
    seed: { type: 'string' },
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
  },
});
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000_000) : Number(values.seed);
const scenarios = SCENARIOS.filter(({ name }) => name.includes(values.only));
const killsPerScenario = Math.ceil(Number(values.kills) / scenarios.length);
const left = [...scenarios];
const phases = new Map<string, number>();
let killCount = 0;
let failureCount = 0;

/** Node needs about as long to start; a kill in that time meets nothing of ours. */
const FIRST_PART = 0.25;
/** How long a command takes is measured again after so many trials: what else the machine does changes it. */
const TRIALS_PER_MEASUREMENT = 20;
const FURTHER_KILL_CHANCE = 0.3;
const KILLS_IN_A_ROW_MAX = 4;

function drawDelays(draw: Draw, durationMs: number, isFromStart: boolean): number[] {
  const delays: number[] = [];
  const firstMs = isFromStart ? Math.round(durationMs * FIRST_PART) : 0;
  do delays.push(draw.between(firstMs, Math.round(durationMs)));
  while (delays.length < KILLS_IN_A_ROW_MAX && draw.chance(FURTHER_KILL_CHANCE));
  return delays;
}

async function killAllOver(scenario: Scenario): Promise<void> {
  using prepared = await PreparedScenario.create(scenario);
  const draw = createDraw(seed + SCENARIOS.indexOf(scenario));
  let durationMs = 0;
  let kills = 0;
  for (let trial = 0; kills < killsPerScenario; trial++) {
    if (trial % TRIALS_PER_MEASUREMENT === 0) durationMs = await prepared.durationMs();
    const delaysMs = drawDelays(draw, durationMs, scenario.stopAfter === undefined);
    const killed = await prepared.killAfter(delaysMs);
    for (const phase of killed.phases) phases.set(phase, (phases.get(phase) ?? 0) + 1);
    kills += killed.phases.filter((phase) => phase !== 'after its end').length;
    if (killed.problems.length === 0) continue;
    failureCount++;
    console.log(`${scenario.name}: killed after ${delaysMs.join(', ')} ms (${killed.phases.join(', ')}):`);
    for (const problem of killed.problems) console.log(`  !! ${problem}`);
  }
  killCount += kills;
  console.log(`${scenario.name}: ${kills} kills, of a command that takes ${Math.round(durationMs)} ms`);
}

async function work(): Promise<void> {
  for (let scenario = left.shift(); scenario !== undefined; scenario = left.shift()) await killAllOver(scenario);
}

console.log(`kills from seed ${seed}`);
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
console.log(
  `${killCount} kills, ${failureCount} failures; they met: ${[...phases].map(([phase, count]) => `${phase} ${count}`).join('; ')}`,
);
process.exitCode = failureCount > 0 ? 1 : 0;
