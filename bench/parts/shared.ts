import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { arrivalsOf } from '../servers/arrivals.ts';
import { endWithBench } from '../clean-up.ts';
import { freePort } from '../servers/loopback.ts';
import type { Target } from '../target.ts';
import { BENCH_ENV, purgeArgs, writeIds } from '../purge.ts';
import { mostInWindow, steadyPerSecond } from '../windows.ts';

const PROCESSES = 4;
const PER_SECOND = 200;
const WINDOW_MS = 1_000;
const USED_MIN = 0.97;
/** Until all have found Redis and one another. */
const SETTLE_MS = 2_000;
const REDIS_MISSING = 'skipped: redis-server is not installed (Debian: `apt-get install redis-server`)';

/** Four commands that share one quota through Redis; half-way one of them is killed. */
export async function benchShared({ folder, seconds }: { folder: string; seconds: number }): Promise<Target[]> {
  const what = `\`--quota-redis\`, ${PROCESSES} processes, ${PER_SECOND}/s, one killed half-way`;
  if (spawnSync('redis-server', ['--version']).error !== undefined)
    return [{ what, measured: REDIS_MISSING, target: '', isMet: undefined }];
  const paths = Array.from({ length: PROCESSES }, (_, index) => join(folder, `shared-${index}.csv`));
  for (const path of paths) await writeIds(path, (PER_SECOND * seconds) / PROCESSES);
  const port = await freePort();
  const redis = endWithBench(
    spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder], { stdio: 'ignore' }),
  );
  try {
    const arrivals = await arrivalsOf((url) => purgeTogether(paths, url, `redis://127.0.0.1:${port}`, seconds));
    const used = steadyPerSecond(arrivals, SETTLE_MS) / PER_SECOND;
    const most = mostInWindow(arrivals, WINDOW_MS);
    console.log(`shared   ${(used * 100).toFixed(1)} % of ${PER_SECOND}/s used, at most ${most} in any second`);
    return [
      { what: `${what}: used`, measured: `${(used * 100).toFixed(1)} %`, target: `≥ ${USED_MIN * 100} %`, isMet: used >= USED_MIN },
      { what: `${what}: most in any second`, measured: String(most), target: `≤ ${PER_SECOND}`, isMet: most <= PER_SECOND },
    ];
  } finally {
    redis.kill();
  }
}

async function purgeTogether(paths: readonly string[], url: string, redisUrl: string, seconds: number): Promise<void> {
  const purges = paths.map((path) =>
    endWithBench(
      spawn(process.execPath, purgeArgs(path, url, '--rate', `${PER_SECOND}/1s`, '--quota-redis', redisUrl), {
        env: { PATH: process.env['PATH'] ?? '', ...BENCH_ENV },
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
    ),
  );
  let stderr = '';
  for (const purge of purges) purge.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exits = purges.map((purge) => once(purge, 'exit'));
  await sleep((seconds * 1000) / 2);
  purges[0]?.kill('SIGKILL');
  for (const [exitCode] of (await Promise.all(exits)).slice(1))
    if (exitCode !== 0) throw new Error(`images-purge ended with ${exitCode}: ${stderr}`);
}
