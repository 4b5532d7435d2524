import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ratioTarget, type Target } from '../target.ts';
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
  rows.push(ratioTarget('CPU time, images-purge ÷ bare', cpuOf(ours) / cpuOf(bare), { max: 1.4 }));
  const ratio = (name: string, min: number): Target =>
    ratioTarget(`rate, images-purge ÷ ${name}`, elapsedOf(name) / elapsedOf(ours), { min });
  rows.push(ratio(bare, 0.75), ratio('official SDK', 6));
  if (measured.has('curl --parallel')) rows.push(ratio('curl --parallel', 1));
  return rows;
}
