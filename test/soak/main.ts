/**
 * `npm run soak [-- --ids 2000000] [--seed N]`: one purge at the speed of the machine, with 2 % faults, against a server in
 * another process. Memory, speed, handles and every ID are checked.
 *
 * @module
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import type { ToAnswerer, ToParent } from './answerer.ts';

const { values } = parseArgs({ options: { ids: { type: 'string', default: '2000000' }, seed: { type: 'string', default: '1' } } });
const idCount = Number(values.ids);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const MEMORY_GROWTH_MAX = 1.2;
/** The slowest of the last three tenths against the median of all; other programs take turns on the same cores. */
const SPEED_SHARE_MIN = 0.7;
const MIB = 1024 * 1024;

interface Sample {
  readonly atMs: number;
  readonly deleted: number;
  readonly rssBytes: number;
}

const folder = mkdtempSync(join(tmpdir(), 'images-purge-soak-'));
try {
  process.exitCode = (await soak()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

async function soak(): Promise<boolean> {
  await writeIds(join(folder, 'ids.csv'));
  const answerer = fork(here('answerer.ts'), [values.ids, values.seed]);
  const { port } = await told(answerer, 'listening');
  const samples: Sample[] = [];
  const purge = startPurge(port);
  let output = '';
  purge.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  answerer.on('message', (message: ToParent) => {
    if (message.kind === 'progress') samples.push({ atMs: performance.now(), deleted: message.deleted, rssBytes: rssOf(purge.pid) });
  });
  const [exitCode] = (await once(purge, 'close')) as [number | null];
  const written = told(answerer, 'written');
  answerer.send({ writeTo: join(folder, 'deleted') } satisfies ToAnswerer);
  const server = await written;
  console.log(`${idCount} IDs, ${server.requests} requests, ${server.faults} faults, exit ${exitCode}`);
  const checks = [
    exitCode === 0 && server.strays === 0,
    checkSpeed(samples),
    checkMemory(samples),
    checkHandles(),
    await checkEveryId(output),
  ];
  return checks.every(Boolean);
}

function startPurge(port: number): ChildProcess {
  const probe = `${pathToFileURL(here('what-is-left.ts')).href}?told=${encodeURIComponent(join(folder, 'left.json'))}`;
  const args = [
    '--import',
    probe,
    here('../../dist/main.js'),
    'delete',
    'ids.csv',
    '--yes',
    '--json',
    '--rate',
    'unlimited',
    '--concurrency',
    '50',
    '--progress',
    'none',
    '--log-level',
    'error',
    '--base-url',
    `http://127.0.0.1:${port}/client/v4`,
  ];
  const env = {
    PATH: process.env['PATH'] ?? '',
    CLOUDFLARE_API_TOKEN: 'soak-token-1f4e',
    CLOUDFLARE_ACCOUNT_ID: '0123456789abcdef0123456789abcdef',
  };
  return spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
}

function checkSpeed(samples: readonly Sample[]): boolean {
  const working = samples.filter(({ deleted }) => deleted > 0);
  const startMs = working[0]?.atMs ?? 0;
  const reachedMs = Array.from({ length: 11 }, (_, tenth) =>
    tenth === 0 ? startMs : ((working.find(({ deleted }) => deleted >= (idCount * tenth) / 10) ?? working.at(-1))?.atMs ?? startMs),
  );
  const perSecond = Array.from(
    { length: 10 },
    (_, tenth) => (idCount / 10 / ((reachedMs[tenth + 1] ?? 0) - (reachedMs[tenth] ?? 0))) * 1_000,
  );
  const share = Math.min(...perSecond.slice(7)) / median(perSecond);
  console.log(
    `speed by tenths, IDs/s: ${perSecond.map(Math.round).join(' ')}; ` +
      `slowest of the last three ÷ median ${share.toFixed(2)} (at least ${SPEED_SHARE_MIN})`,
  );
  return share >= SPEED_SHARE_MIN;
}

function checkMemory(samples: readonly Sample[]): boolean {
  const between = (from: number, to: number): number =>
    median(
      samples
        .filter(({ deleted, rssBytes }) => rssBytes > 0 && deleted >= idCount * from && deleted <= idCount * to)
        .map(({ rssBytes }) => rssBytes),
    ) / MIB;
  const early = between(0.09, 0.11);
  const late = between(0.97, 1);
  const peak = Math.max(...samples.map(({ rssBytes }) => rssBytes)) / MIB;
  console.log(
    `memory: ${early.toFixed(0)} MiB at 10 %, ${between(0.49, 0.51).toFixed(0)} at 50 %, ${late.toFixed(0)} at the end ` +
      `(${(late / early).toFixed(2)}, at most ${MEMORY_GROWTH_MAX}), peak ${peak.toFixed(0)}`,
  );
  return late <= early * MEMORY_GROWTH_MAX;
}

function checkHandles(): boolean {
  const left = (JSON.parse(readFileSync(join(folder, 'left.json'), 'utf8')) as string[]).filter(
    (name) => !/^(?:PipeWrap|TTYWrap|FSReqCallback)$/.test(name),
  );
  console.log(`handles and timers left: ${left.length === 0 ? 'none' : left.join(', ')}`);
  return left.length === 0;
}

/** Each ID has one line, and what the line says is what the server did. */
async function checkEveryId(output: string): Promise<boolean> {
  const isDeleted = readFileSync(join(folder, 'deleted'));
  const lines = new Uint8Array(idCount);
  const count: Record<string, number> = {};
  let wrong = 0;
  for await (const text of createInterface({ input: createReadStream(join(folder, 'ids.csv.checkpoint.report.ndjson')) })) {
    const { id, outcome, earlierUnknown } = JSON.parse(text) as { id: string; outcome: string; earlierUnknown?: boolean };
    const index = Number(id.slice('soak-'.length));
    lines[index] = (lines[index] ?? 0) + 1;
    count[outcome] = (count[outcome] ?? 0) + 1;
    if (isDeleted[index] !== 1 || (outcome === 'absent' && earlierUnknown !== true)) wrong++;
  }
  const without = lines.filter((lineCount) => lineCount !== 1).length;
  const summary = JSON.parse(output) as { state: string; pending: number; outcomes: Record<string, number> };
  console.log(
    `report: ${JSON.stringify(count)}; IDs without exactly one line: ${without}; lines the server contradicts: ${wrong}; ` +
      `${summary.state}, ${summary.pending} pending`,
  );
  return without === 0 && wrong === 0 && summary.state === 'finished' && summary.pending === 0;
}

async function writeIds(path: string): Promise<void> {
  const file = createWriteStream(path);
  file.write('id\n');
  for (let start = 0; start < idCount; start += 1_000) {
    const text = Array.from(
      { length: Math.min(1_000, idCount - start) },
      (_, index) => `soak-${String(start + index).padStart(7, '0')}\n`,
    ).join('');
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}

function told<K extends ToParent['kind']>(child: ChildProcess, kind: K): Promise<Extract<ToParent, { kind: K }>> {
  return new Promise((resolve) =>
    child.on('message', (message: ToParent) => message.kind === kind && resolve(message as Extract<ToParent, { kind: K }>)),
  );
}

function rssOf(pid: number | undefined): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024;
  } catch {
    return 0; // It has just ended.
  }
}

function median(given: readonly number[]): number {
  const sorted = [...given].sort((a, b) => a - b);
  return sorted[sorted.length >>> 1] ?? Number.NaN;
}
