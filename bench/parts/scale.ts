import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Curve, growthSvg } from '../growth-svg.ts';
import { measure, type Measured } from '../measure.ts';
import { BENCH_ENV, CLI, purgeArgs, writeIds } from '../purge.ts';
import { startAnswerer } from '../servers/start-answerer.ts';
import { ratioTarget, type Target } from '../target.ts';

const MIB = 1024 * 1024;
/** Time an ID with the most IDs, to that with so many: below, the start of the program counts too much. */
const BASE_COUNT = 100_000;
const GROWTH_MAX = 1.3;
const PEAK_MIB_MAX = 256;
const SVG_PATH = fileURLToPath(new URL('../../docs/growth.svg', import.meta.url));

/** How time and memory grow with the number of IDs, for reading them and for a whole purge. */
export async function benchScale({ folder, idCounts }: { folder: string; idCounts: readonly number[] }): Promise<Target[]> {
  const answerer = await startAnswerer();
  const curves: Record<'reading' | 'deleting', Measured[]> = { reading: [], deleting: [] };
  try {
    for (const idCount of idCounts) {
      const ids = join(folder, `scale-${idCount}.csv`);
      await writeIds(ids, idCount);
      const plan = [CLI, 'plan', ids, '--checkpoint', `${ids}.plan`, '--base-url', answerer.url, '--progress', 'none'];
      curves.reading.push(await measured('reading', idCount, plan));
      curves.deleting.push(await measured('deleting', idCount, purgeArgs(ids, answerer.url, '--rate', 'unlimited')));
    }
  } finally {
    await answerer.close();
  }
  writeFileSync(
    SVG_PATH,
    growthSvg(
      idCounts,
      Object.entries(curves).map(([name, all]) => curveOf(name, all, idCounts)),
    ),
  );
  return Object.entries(curves).flatMap(([name, all]) => rowsOf(name, all, idCounts));
}

async function measured(name: string, idCount: number, args: readonly string[]): Promise<Measured> {
  const one = await measure(process.execPath, args, BENCH_ENV);
  if (one.exitCode !== 0) throw new Error(`${name} ended with ${one.exitCode}: ${one.stderr}`);
  const text = `${(one.elapsedMs / 1_000).toFixed(1)} s, peak ${(one.peakRssBytes / MIB).toFixed(0)} MiB`;
  console.log(`scale    ${name} ${idCount.toLocaleString('en')} IDs: ${text}`);
  return one;
}

function curveOf(name: string, all: readonly Measured[], idCounts: readonly number[]): Curve {
  return {
    name,
    microsAnId: all.map(({ elapsedMs }, index) => (elapsedMs * 1_000) / (idCounts[index] ?? Number.NaN)),
    peakMib: all.map(({ peakRssBytes }) => peakRssBytes / MIB),
  };
}

function rowsOf(name: string, all: readonly Measured[], idCounts: readonly number[]): Target[] {
  const { microsAnId, peakMib } = curveOf(name, all, idCounts);
  const growth = (microsAnId.at(-1) ?? Number.NaN) / (microsAnId[idCounts.indexOf(BASE_COUNT)] ?? Number.NaN);
  const most = (idCounts.at(-1) ?? 0).toLocaleString('en');
  const peak = peakMib.at(-1) ?? Number.NaN;
  return [
    ratioTarget(`time an ID, ${name}, ${most} to ${BASE_COUNT.toLocaleString('en')}`, growth, { max: GROWTH_MAX }),
    {
      what: `peak memory, ${name} ${most} IDs`,
      measured: `${peak.toFixed(0)} MiB`,
      target: `< ${PEAK_MIB_MAX} MiB`,
      isMet: peak < PEAK_MIB_MAX,
    },
  ];
}
