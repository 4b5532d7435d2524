import { createServer } from 'node:http';
import { join } from 'node:path';

import type { Target } from '../target.ts';
import { measure, median } from '../measure.ts';
import { BENCH_ENV, CLI, purgeArgs, writeIds } from '../purge.ts';
import { ENVELOPE } from '../servers/answerer.ts';

const TARGET_MS = 400;
const HELP_MS_MAX = 80;

/** From the start of the process to the arrival of its first DELETE. */
export async function benchStart({ folder, rounds }: { folder: string; rounds: number }): Promise<Target[]> {
  const idsPath = join(folder, 'start.csv');
  await writeIds(idsPath, 100);
  let firstDeleteMs = 0;
  const server = createServer((request, response) => {
    if (request.method === 'DELETE' && firstDeleteMs === 0) firstDeleteMs = performance.now();
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end(
      request.method === 'DELETE'
        ? ENVELOPE
        : '{"result":{"count":{"current":100,"allowed":1000}},"success":true,"errors":[],"messages":[]}',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    firstDeleteMs = 0;
    const startedMs = performance.now();
    await measure(process.execPath, purgeArgs(idsPath, `http://127.0.0.1:${address.port}`, '--rate', 'unlimited'), BENCH_ENV);
    times.push(firstDeleteMs - startedMs);
  }
  server.close();
  const help = await medianMs(rounds, [CLI, '--help']);
  const node = await medianMs(rounds, ['-e', '0']);
  const typicalMs = median(times);
  console.log(`start    first DELETE after ${typicalMs.toFixed(0)} ms (median of ${rounds})`);
  return [
    { what: 'start to first DELETE', measured: `${typicalMs.toFixed(0)} ms`, target: `< ${TARGET_MS} ms`, isMet: typicalMs < TARGET_MS },
    {
      what: 'start to the end of `--help`, over `node -e 0`',
      measured: `${(help - node).toFixed(0)} ms`,
      target: `< ${HELP_MS_MAX} ms`,
      isMet: help - node < HELP_MS_MAX,
    },
  ];
}

async function medianMs(rounds: number, args: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push((await measure(process.execPath, args)).elapsedMs);
  return median(times);
}
