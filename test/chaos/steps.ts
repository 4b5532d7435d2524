/**
 * `npm run chaos:steps [-- --only WORDS] [--from N] [--power]`: each scenario's command is crashed at its first step, at its
 * second, and so on until it comes to its end; after each crash it is run again and the oracle asked.
 *
 * @module
 */
import { parseArgs } from 'node:util';

import { PreparedScenario } from './crash-at.ts';
import { BACKUP_SCENARIOS, type Scenario, SCENARIOS } from './scenarios.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    from: { type: 'string', default: '1' },
    power: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
  },
});
const left = [...SCENARIOS, ...BACKUP_SCENARIOS].slice(Number(values.from) - 1).filter(({ name }) => name.includes(values.only));
let crashCount = 0;
let failureCount = 0;

async function crashEverywhere(scenario: Scenario): Promise<void> {
  using prepared = await PreparedScenario.create(scenario);
  for (let at = 1; ; at++) {
    const { step, problems } = await prepared.crashAt(at, values.power);
    if (problems.length > 0) {
      failureCount++;
      console.log(
        `${scenario.name}: crashed at step ${at}, ${step ?? 'none'}:\n${problems.map((problem) => `  !! ${problem}`).join('\n')}`,
      );
    }
    if (step === undefined) return console.log(`${scenario.name}: crashed at ${at - 1} steps`);
    crashCount++;
  }
}

async function work(): Promise<void> {
  for (let scenario = left.shift(); scenario !== undefined; scenario = left.shift()) await crashEverywhere(scenario);
}

await Promise.all(Array.from({ length: Number(values.jobs) }, work));
console.log(`${crashCount} crashes, ${failureCount} failures`);
process.exitCode = failureCount > 0 ? 1 : 0;
