/**
 * `npm run demo`: a purge of 3,000 images through faults, killed half-way and resumed, against the simulated API; and
 * then the proof that command and API tell the same story. Everything happens in a temporary folder.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

import { mixedFaults } from '../src/simulator/faults.ts';
import { type Simulator, startSimulator } from '../src/simulator/simulator.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(ROOT, 'dist', 'main.js');
const TOKEN = 'demo-token';
const KILL_AFTER_REQUESTS = 1_500;
const RATE = '400/s';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const step = (text: string): void => say(`\n${styleText(['bold', 'cyan'], `▌ ${text}`)}`);

function start(args: readonly string[], folder: string, simulator: Simulator): ChildProcess {
  say(styleText('dim', `$ images-purge ${args.join(' ')}`));
  const { options } = simulator;
  const env = { ...process.env, CLOUDFLARE_BASE_URL: simulator.url, CLOUDFLARE_ACCOUNT_ID: options.accountId, CLOUDFLARE_API_TOKEN: TOKEN };
  return spawn(process.execPath, [CLI, ...args], { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'] });
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? `exit ${code}`)));
}

interface Line {
  readonly id?: string;
  readonly outcome: string;
}

/** What the report says beside what the API really did; returns the differences. */
function compare(lines: readonly Line[], simulator: Simulator): string[] {
  const { record } = simulator;
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const { id, outcome } of lines) {
    if (id === undefined) continue;
    if (seen.has(id)) problems.push(`${id} has two lines`);
    seen.add(id);
    const isGone = record.deleted.has(id);
    if ((outcome === 'deleted' || outcome === 'absent') && !isGone) problems.push(`${id} is reported ${outcome}, but the API still has it`);
    if (outcome === 'protected' && record.deleteRequests.has(id)) problems.push(`${id} is protected, but was sent`);
  }
  for (const id of record.deleteRequests.keys()) if (!seen.has(id)) problems.push(`${id} was sent, but has no line`);
  return problems;
}

async function demo(folder: string, simulator: Simulator): Promise<number> {
  copyFileSync(join(ROOT, 'fixtures', 'demo.csv'), join(folder, 'old.csv'));
  copyFileSync(join(ROOT, 'fixtures', 'demo-keep.txt'), join(folder, 'keep.txt'));
  const purge = ['delete', 'old.csv', '--exclude', 'keep.txt', '--rate', RATE];

  step('A dry run: what would be deleted? Nothing is sent.');
  await ended(start([...purge, '--dry-run', '--log-level', 'warn'], folder, simulator));

  step(`The purge, at ${RATE}, while one request in twenty meets a fault. It is killed half-way (SIGKILL).`);
  const running = start([...purge, '--yes', '--log-level', 'warn', '--timeout', '5s'], folder, simulator);
  await simulator.whenRequests(KILL_AFTER_REQUESTS);
  running.kill('SIGKILL');
  say(styleText('yellow', `killed: ${await ended(running)}, after ${simulator.record.requestCount} requests`));
  await ended(start(['status', 'old.csv.checkpoint'], folder, simulator));

  step('Resumed, from the checkpoint alone:');
  await ended(start(['resume', 'old.csv.checkpoint', '--rate', RATE, '--log-level', 'warn', '--timeout', '5s'], folder, simulator));

  step('Some lines of the report:');
  const text = readFileSync(join(folder, 'old.csv.checkpoint.report.ndjson'), 'utf8').trimEnd().split('\n');
  const lines = text.map((line) => JSON.parse(line) as Line);
  for (const outcome of ['deleted', 'absent', 'protected', 'rejected']) {
    const index = lines.findIndex((line) => line.outcome === outcome);
    if (index >= 0) say(`  ${text[index]}`);
  }

  step('Does the API’s own record agree?');
  const { record } = simulator;
  const gone = lines.filter(({ outcome }) => outcome === 'deleted' || outcome === 'absent').length;
  say(`  the report says gone   ${gone}`);
  say(`  the API has deleted    ${record.deleted.size}   with ${record.requestCount} requests, faults and the kill included`);
  const isSent = (id: string | undefined): boolean => id !== undefined && record.deleteRequests.has(id);
  say(`  protected and sent     ${lines.filter(({ id, outcome }) => outcome === 'protected' && isSent(id)).length}`);
  const problems = compare(lines, simulator);
  for (const problem of problems.slice(0, 10)) say(styleText('red', `  ${problem}`));
  const agrees = problems.length === 0 && gone === record.deleted.size;
  say(
    agrees
      ? styleText('green', '  They agree: every image asked for is gone, nothing else was touched.')
      : styleText('red', '  They do not agree.'),
  );
  return agrees ? 0 : 1;
}

const folder = mkdtempSync(join(tmpdir(), 'images-purge-demo-'));
const simulator = await startSimulator({ apiToken: TOKEN, latencyMs: 15, faults: mixedFaults(0.05), seed: 42 });
try {
  process.exitCode = await demo(folder, simulator);
} finally {
  await simulator.close();
  rmSync(folder, { recursive: true });
}
