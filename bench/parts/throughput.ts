import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Target } from '../target.ts';
import { measure, median } from '../measure.ts';
import { ACCOUNT, BENCH_ENV, purgeArgs, writeIds } from '../purge.ts';
import { startAnswerer } from '../servers/start-answerer.ts';

const CONNECTIONS = 50;
const CLIENTS = fileURLToPath(new URL('../clients.ts', import.meta.url));

/** The same IDs through each client as a whole process, round by round so that all of them meet the same weather. */
export async function benchThroughput({ folder, idCount, rounds }: { folder: string; idCount: number; rounds: number }): Promise<Target[]> {
  const idsPath = join(folder, 'throughput.csv');
  await writeIds(idsPath, idCount);
  const answerer = await startAnswerer();
  try {
    const contestants = contestantsFor(answerer.url, idsPath, folder);
    const perSecond = new Map<string, number[]>();
    for (let round = 1; round <= rounds; round++) {
      for (const { name, command, args } of contestants) {
        const { elapsedMs, exitCode, stderr } = await measure(command, args(), BENCH_ENV);
        if (exitCode !== 0) throw new Error(`${name} ended with ${exitCode}: ${stderr}`);
        const rate = (idCount * 1000) / elapsedMs;
        perSecond.set(name, [...(perSecond.get(name) ?? []), rate]);
        console.log(`round ${round}  ${name.padEnd(28)} ${Math.round(rate).toLocaleString('en')} IDs/s`);
      }
    }
    return targetsOf(perSecond, answerer.name, idCount);
  } finally {
    await answerer.close();
  }
}

function contestantsFor(url: string, idsPath: string, folder: string): { name: string; command: string; args: () => string[] }[] {
  const client =
    (name: string): (() => string[]) =>
    () => [CLIENTS, name, url, idsPath, String(CONNECTIONS)];
  const contestants = [
    {
      name: 'images-purge',
      command: process.execPath,
      args: () => purgeArgs(idsPath, url, '--rate', 'unlimited', '--concurrency', String(CONNECTIONS)),
    },
    { name: 'bare undici dispatch', command: process.execPath, args: client('dispatch') },
    { name: 'global fetch', command: process.execPath, args: client('fetch') },
    { name: 'official SDK', command: process.execPath, args: client('sdk') },
  ];
  if (spawnSync('curl', ['--version']).error === undefined) {
    const config = join(folder, 'curl.conf');
    const ids = readFileSync(idsPath, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && line !== 'id');
    writeFileSync(config, ids.map((id) => `url = "${url}/accounts/${ACCOUNT}/images/v1/${id}"\noutput = "/dev/null"\n`).join(''));
    contestants.push({
      name: 'curl --parallel',
      command: 'curl',
      args: () => ['-s', '-X', 'DELETE', '--parallel', '--parallel-max', String(CONNECTIONS), '-K', config],
    });
  }
  return contestants;
}

function targetsOf(perSecond: ReadonlyMap<string, readonly number[]>, server: string, idCount: number): Target[] {
  const rateOf = (name: string): number => median(perSecond.get(name) ?? []);
  const ours = rateOf('images-purge');
  const bare = rateOf('bare undici dispatch');
  const rows: Target[] = [...perSecond.keys()].map((name) => ({
    what: `${name}, ${idCount.toLocaleString('en')} IDs against ${server}`,
    measured: `${Math.round(rateOf(name)).toLocaleString('en')} IDs/s, ${(rateOf(name) / bare).toFixed(2)} of bare`,
    target: name === 'images-purge' ? '≥ 0.60 of bare' : '',
    isMet: name === 'images-purge' ? ours / bare >= 0.6 : undefined,
  }));
  const sdkRatio = ours / rateOf('official SDK');
  rows.push({ what: 'images-purge ÷ official SDK', measured: sdkRatio.toFixed(1), target: '≥ 4', isMet: sdkRatio >= 4 });
  return rows;
}
