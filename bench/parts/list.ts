import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';

import { numberedImage } from '../../src/simulator/images/image-store.ts';
import { SIMULATOR_DEFAULTS } from '../../src/simulator/simulator-options.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { type Measured, measure } from '../measure.ts';
import { CLI } from '../purge.ts';
import type { Target } from '../target.ts';

const MIB = 1024 * 1024;
const LIST_MIB_MAX = 128;
const NOT_IN_MIB_MAX = 256;

/** Time and peak memory of a list of many images, and of one beside a file of ten times as many IDs. */
export async function benchList({ folder, imageCount }: { folder: string; imageCount: number }): Promise<Target[]> {
  const simulator = await startSimulator({ images: { kind: 'numbered', count: imageCount } });
  const list = async (name: string, ...more: readonly string[]): Promise<Measured> => {
    const { accountId, apiToken } = SIMULATOR_DEFAULTS;
    const args = [CLI, 'list', '--base-url', simulator.url, '--rate', 'unlimited', '-o', join(folder, name), ...more];
    const measured = await measure(process.execPath, args, { CLOUDFLARE_ACCOUNT_ID: accountId, CLOUDFLARE_API_TOKEN: apiToken });
    if (measured.exitCode !== 0) throw new Error(`images-purge list ended with ${measured.exitCode}: ${measured.stderr}`);
    return measured;
  };
  try {
    const all = await list('all.csv');
    const idCount = imageCount * 10;
    await writeNumbered(join(folder, 'in-use.csv'), idCount);
    const orphans = await list('orphans.csv', '--not-in', join(folder, 'in-use.csv'));
    return [
      row(`list of ${imageCount.toLocaleString('en')} images`, all, LIST_MIB_MAX),
      row(`list --not-in ${idCount.toLocaleString('en')} IDs`, orphans, NOT_IN_MIB_MAX),
    ];
  } finally {
    await simulator.close();
  }
}

function row(what: string, { peakRssBytes, elapsedMs }: Measured, mibMax: number): Target {
  const peakMib = peakRssBytes / MIB;
  const measured = `${peakMib.toFixed(0)} MiB, ${(elapsedMs / 1000).toFixed(1)} s without a pace`;
  console.log(`list     ${what}: ${measured}`);
  return { what: `peak memory, ${what}`, measured, target: `< ${mibMax} MiB`, isMet: peakMib < mibMax };
}

/** A list of the first IDs of the simulator. */
async function writeNumbered(path: string, count: number): Promise<void> {
  const file = createWriteStream(path);
  file.write('id\n');
  const perChunk = 10_000;
  for (let from = 0; from < count; from += perChunk) {
    const lines = Array.from({ length: Math.min(perChunk, count - from) }, (_, index) => numberedImage(from + index).id);
    if (!file.write(`${lines.join('\n')}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}
