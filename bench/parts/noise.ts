import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { endWithBench } from '../clean-up.ts';
import { measure } from '../measure.ts';
import { BENCH_ENV, purgeArgs, writeIds } from '../purge.ts';
import type { NoisyRecord } from '../servers/noisy-answerer.ts';
import type { Target } from '../target.ts';

const NOISY_ANSWERER = fileURLToPath(new URL('../servers/noisy-answerer.ts', import.meta.url));
const PER_SECOND = 200;
const THROTTLED_SHARE = 0.003;
const LATENCY_MS = 20;
const KEPT_MIN = 0.9;

/** The command at a rate against a server that throttles a share of all requests, whatever the speed, and against one that does not. */
export async function benchNoise({ folder, idCount }: { folder: string; idCount: number }): Promise<Target[]> {
  const idsPath = join(folder, 'noise.csv');
  await writeIds(idsPath, idCount);
  const quiet = await recordOf(idsPath, 0);
  const noisy = await recordOf(idsPath, THROTTLED_SHARE);
  const [quietPerSecond, perSecond] = [quiet, noisy].map(perSecondBesidesWaits) as [number, number];
  console.log(
    `noise    ${PER_SECOND}/s: throttled ${noisy.throttledCount} times, ${perSecond.toFixed(1)}/s besides ` +
      `${(noisy.toldWaitMs / 1_000).toFixed(1)} s that it was told to wait; never throttled ${quietPerSecond.toFixed(1)}/s`,
  );
  const kept = perSecond / quietPerSecond;
  return [
    {
      what: `${THROTTLED_SHARE * 100} % throttled at random: \`--rate ${PER_SECOND}/s\` besides the waits it is told, to the same without`,
      measured: kept.toFixed(2),
      target: `≥ ${KEPT_MIN}`,
      isMet: kept >= KEPT_MIN,
    },
  ];
}

function perSecondBesidesWaits({ deletedCount, spanMs, toldWaitMs }: NoisyRecord): number {
  return (deletedCount * 1_000) / (spanMs - toldWaitMs);
}

async function recordOf(idsPath: string, throttledShare: number): Promise<NoisyRecord> {
  const answerer = endWithBench(fork(NOISY_ANSWERER, [String(throttledShare), String(LATENCY_MS)]));
  try {
    const [port] = (await once(answerer, 'message')) as [number];
    const { exitCode, stderr } = await measure(
      process.execPath,
      purgeArgs(idsPath, `http://127.0.0.1:${port}`, '--rate', `${PER_SECOND}/s`),
      BENCH_ENV,
    );
    if (exitCode !== 0) throw new Error(`images-purge ended with ${exitCode}: ${stderr}`);
    const told = once(answerer, 'message');
    answerer.send('tell');
    const [record] = (await told) as [NoisyRecord];
    return record;
  } finally {
    answerer.kill();
  }
}
