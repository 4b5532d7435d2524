import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Target } from '../target.ts';
import { type Measured, measure, median } from '../measure.ts';
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
    const measured = new Map<string, Measured[]>();
    // The first round warms disk and server, and is dropped.
    for (let round = 0; round <= rounds; round++) {
      for (const { name, command, args } of contestants) {
        const one = await measure(command, args(), BENCH_ENV);
        if (one.exitCode !== 0) throw new Error(`${name} ended with ${one.exitCode}: ${one.stderr}`);
        if (round > 0) measured.set(name, [...(measured.get(name) ?? []), one]);
        console.log(`round ${round}  ${name.padEnd(28)} ${told(one.elapsedMs, one.cpuMs, idCount)}`);
      }
    }
    return targetsOf(measured, answerer.name, idCount);
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

function told(elapsedMs: number, cpuMs: number, idCount: number): string {
  const rate = Math.round((idCount * 1000) / elapsedMs);
  return `${rate.toLocaleString('en')} IDs/s, ${((cpuMs * 1000) / idCount).toFixed(1)} µs of CPU an ID`;
}

function targetsOf(measured: ReadonlyMap<string, readonly Measured[]>, server: string, idCount: number): Target[] {
  const elapsedOf = (name: string): number => median((measured.get(name) ?? []).map(({ elapsedMs }) => elapsedMs));
  const cpuOf = (name: string): number => median((measured.get(name) ?? []).map(({ cpuMs }) => cpuMs));
  const [ours, bare] = ['images-purge', 'bare undici dispatch'];
  const rows: Target[] = [...measured.keys()].map((name) => ({
    what: `${name}, ${idCount.toLocaleString('en')} IDs against ${server}`,
    measured: told(elapsedOf(name), cpuOf(name), idCount),
    target: '',
    isMet: undefined,
  }));
  const ratio = (what: string, value: number, min: number): Target => ({
    what,
    measured: value.toFixed(2),
    target: `≥ ${min}`,
    isMet: value >= min,
  });
  const cpuRatio = cpuOf(ours) / cpuOf(bare);
  rows.push({ what: 'CPU time, images-purge ÷ bare', measured: cpuRatio.toFixed(2), target: '≤ 1.4', isMet: cpuRatio <= 1.4 });
  rows.push(ratio('rate, images-purge ÷ bare', elapsedOf(bare) / elapsedOf(ours), 0.75));
  if (measured.has('curl --parallel'))
    rows.push(ratio('rate, images-purge ÷ curl --parallel', elapsedOf('curl --parallel') / elapsedOf(ours), 1));
  rows.push(ratio('rate, images-purge ÷ official SDK', elapsedOf('official SDK') / elapsedOf(ours), 6));
  return rows;
}
