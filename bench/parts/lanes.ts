import { join } from 'node:path';

import { arrivalsOf } from '../servers/arrivals.ts';
import type { Target } from '../target.ts';
import { measure, median } from '../measure.ts';
import { BENCH_ENV, purgeArgs, writeIds } from '../purge.ts';
import { type Arrival, longestStallMs, mostInWindow, steadyPerSecond } from '../windows.ts';

const LANES = 10;
const LANE_PER_SECOND = 200;
const ALLOWED_PER_SECOND = LANES * LANE_PER_SECOND;
const SHARE_MIN = 0.98;
const WINDOW_MS = 1_000;
/** A whole window, so that the beginning and the end of a lane do not count. */
const SETTLE_MS = WINDOW_MS;

/** The command with ten batch tokens, at the default rate of each, in one process. */
export async function benchLanes({ folder, seconds, rounds }: { folder: string; seconds: number; rounds: number }): Promise<Target[]> {
  const idsPath = join(folder, 'lanes.csv');
  await writeIds(idsPath, ALLOWED_PER_SECOND * seconds);
  const shares: number[] = [];
  const mosts: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const arrivals = await purgeInLanes(idsPath);
    const share = steadyPerSecond(arrivals, SETTLE_MS) / ALLOWED_PER_SECOND;
    const most = mostInWindow(arrivals, WINDOW_MS);
    shares.push(share);
    mosts.push(most);
    console.log(
      `lanes    round ${round}: ${share.toFixed(3)} of ${ALLOWED_PER_SECOND.toLocaleString('en')}/s, ` +
        `at most ${most} of a lane in any second; the server stood still for ${longestStallMs(arrivals).toFixed(0)} ms at most`,
    );
  }
  const share = median(shares);
  const most = Math.max(...mosts);
  const what = `\`--batch-tokens ${LANES}\`, one process`;
  return [
    {
      what: `${what}: share of ${ALLOWED_PER_SECOND.toLocaleString('en')}/s, all lanes begun`,
      measured: share.toFixed(3),
      target: `≥ ${SHARE_MIN}`,
      isMet: share >= SHARE_MIN,
    },
    {
      what: `${what}: most of one lane in any second`,
      measured: String(most),
      target: `≤ ${LANE_PER_SECOND}`,
      isMet: most <= LANE_PER_SECOND,
    },
  ];
}

async function purgeInLanes(idsPath: string): Promise<Arrival[]> {
  const arrivals = await arrivalsOf(async (url) => {
    const { exitCode, stderr } = await measure(
      process.execPath,
      purgeArgs(idsPath, url, '--batch-base-url', url, '--batch-tokens', String(LANES)),
      BENCH_ENV,
    );
    if (exitCode !== 0) throw new Error(`images-purge ended with ${exitCode}: ${stderr}`);
  });
  const laneCount = new Set(arrivals.map(({ lane }) => lane)).size;
  if (laneCount !== LANES) throw new Error(`${laneCount} of ${LANES} lanes were used`);
  return arrivals;
}
