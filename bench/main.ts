/**
 * `npm run bench`: how fast, how small and how exact the built command is, as ratios measured side by side in one run on
 * this machine. `--quick` takes a tenth of the IDs; `--only NAME` runs one part; `--intake-ids 10000000` reads as many in the part
 * `intake`, which takes some minutes and 10 GB of room. `--check` fails where a ratio is 30 % worse than in `baseline.json`, which
 * `--write-baseline` writes. `--scale` measures how time and memory grow up to ten million IDs instead, and draws `docs/growth.svg`.
 *
 * @module
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { worseThanBaseline, writeBaseline } from './baseline.ts';
import { temporaryFolder } from './clean-up.ts';
import { benchIntake } from './parts/intake.ts';
import { benchLanes } from './parts/lanes.ts';
import { benchList } from './parts/list.ts';
import { benchMemory } from './parts/memory.ts';
import { benchNoise } from './parts/noise.ts';
import { benchPace } from './parts/pace.ts';
import { benchScale } from './parts/scale.ts';
import { benchShared } from './parts/shared.ts';
import { benchStart } from './parts/start.ts';
import { benchThroughput } from './parts/throughput.ts';
import { benchVerify } from './parts/verify.ts';
import type { Target } from './target.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    'intake-ids': { type: 'string' },
    check: { type: 'boolean', default: false },
    'write-baseline': { type: 'boolean', default: false },
    scale: { type: 'boolean', default: false },
  },
});
const { quick: isQuick, only } = options;
const folder = temporaryFolder('bench');
const scale = isQuick ? 0.1 : 1;
const intakeIdCount = Number(options['intake-ids'] ?? 1_000_000 * scale);

const PARTS: Record<string, () => Promise<readonly Target[]>> = {
  throughput: () => benchThroughput({ folder, idCount: 200_000 * scale, rounds: isQuick ? 1 : 3 }),
  memory: () => benchMemory({ folder, idCount: 1_000_000 * scale }),
  pace: () => benchPace({ folder, seconds: isQuick ? 5 : 20 }),
  noise: () => benchNoise({ folder, idCount: 10_000 * scale }),
  lanes: () => benchLanes({ folder, seconds: isQuick ? 8 : 15, rounds: isQuick ? 1 : 3 }),
  shared: () => benchShared({ folder, seconds: isQuick ? 8 : 20 }),
  intake: () => benchIntake({ folder, idCount: intakeIdCount }),
  list: () => benchList({ folder, imageCount: 1_000_000 * scale }),
  verify: () => benchVerify({ folder, idCount: 10_000_000 * scale }),
  start: () => benchStart({ folder, rounds: isQuick ? 3 : 9 }),
};

if (only !== undefined && !(only in PARTS)) throw new Error(`--only takes one of ${Object.keys(PARTS).join(', ')}`);

console.log(`${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, ${process.platform}\n`);
const rows: Target[] = [];
if (options.scale)
  rows.push(...(await benchScale({ folder, idCounts: isQuick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000, 10_000_000] })));
else for (const [name, run] of Object.entries(PARTS)) if (only === undefined || only === name) rows.push(...(await run()));
console.log('\n| what | measured | target | |\n|---|---|---|---|');
for (const { what, measured, target, isMet } of rows)
  console.log(`| ${what} | ${measured} | ${target} | ${isMet === undefined ? '' : isMet ? 'met' : '**missed**'} |`);
if (options['write-baseline']) writeBaseline(rows);
const worse = options.check ? worseThanBaseline(rows) : [];
for (const line of worse) console.log(`30 % worse than on record: ${line}`);
process.exitCode = worse.length > 0 || (!options.check && rows.some(({ isMet }) => isMet === false)) ? 1 : 0;
