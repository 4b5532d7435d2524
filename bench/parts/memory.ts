import { join } from 'node:path';

import type { Target } from '../target.ts';
import { measure } from '../measure.ts';
import { BENCH_ENV, purgeArgs, writeIds } from '../purge.ts';
import { startAnswerer } from '../servers/start-answerer.ts';

const MIB = 1024 * 1024;
const TARGET_MIB = 256;

/** Peak resident memory of a whole purge of many IDs. */
export async function benchMemory({ folder, idCount }: { folder: string; idCount: number }): Promise<Target[]> {
  const idsPath = join(folder, 'memory.csv');
  await writeIds(idsPath, idCount);
  const answerer = await startAnswerer();
  try {
    const { peakRssBytes, exitCode, elapsedMs, stderr } = await measure(
      process.execPath,
      purgeArgs(idsPath, answerer.url, '--rate', 'unlimited', '--concurrency', '50'),
      BENCH_ENV,
    );
    if (exitCode !== 0) throw new Error(`images-purge ended with ${exitCode}: ${stderr}`);
    const peakMib = peakRssBytes / MIB;
    console.log(`memory   ${idCount.toLocaleString('en')} IDs in ${(elapsedMs / 1000).toFixed(1)} s, peak ${peakMib.toFixed(0)} MiB`);
    return [
      {
        what: `peak memory, ${idCount.toLocaleString('en')} IDs`,
        measured: `${peakMib.toFixed(0)} MiB`,
        target: `< ${TARGET_MIB} MiB`,
        isMet: peakMib < TARGET_MIB,
      },
    ];
  } finally {
    await answerer.close();
  }
}
