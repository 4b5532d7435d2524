/**
 * `npm run chaos:histories -- [--count 2000] [--seed N]`: histories of a person with a checkpoint, drawn by seed. With `--count 1
 * --seed N` one of them is repeated, and told.
 *
 * @module
 */
import { parseArgs } from 'node:util';

import { runHistory } from './history.ts';

const COUNT_DEFAULT = 2_000;
const TOLD_EVERY = 100;

const { values } = parseArgs({ options: { count: { type: 'string' }, seed: { type: 'string' } } });
const count = Number(values.count ?? COUNT_DEFAULT);
const firstSeed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000_000) : Number(values.seed);
const sum = { histories: 0, commands: 0, pasted: 0, failures: 0 };

console.log(`${count} histories from seed ${firstSeed}`);
for (let index = 0; index < count; index++) {
  const { seed, commandCount, pastedCount, problems, story } = await runHistory(firstSeed + index);
  sum.histories++;
  sum.commands += commandCount;
  sum.pasted += pastedCount;
  if (problems.length > 0) {
    sum.failures++;
    console.log(`\nseed ${seed} FAILED (again: npm run chaos:histories -- --count 1 --seed ${seed})`);
    for (const line of [...story, ...problems.map((problem) => `!! ${problem}`)]) console.log(`  ${line}`);
  } else if (count === 1) console.log(story.join('\n'));
  if (sum.histories % TOLD_EVERY === 0) console.log(told());
}
console.log(told());
process.exitCode = sum.failures > 0 ? 1 : 0;

function told(): string {
  return `${sum.histories} histories, ${sum.commands} commands, ${sum.pasted} of them advised and pasted, ${sum.failures} failures`;
}
