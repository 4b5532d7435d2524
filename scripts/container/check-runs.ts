import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';

import { VERSION } from '../../src/domain/version.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { type Ended, type ImageConfig, type Places, type RunningContainer, startContainer } from './container.ts';

const USER = 10_001;
const ID_COUNT = 300;

/** Runs what was built, and holds what a container must do. Throws at the first thing that is not so. */
export async function checkRuns(config: ImageConfig, root: string): Promise<void> {
  assert.deepEqual([config.User, config.StopSignal, Object.keys(config.Volumes)], [`${USER}:${USER}`, 'SIGTERM', ['/data']]);
  const folder = mkdtempSync(join(tmpdir(), 'images-purge-container-run-'));
  const places: Places = { root, state: join(folder, 'state'), lists: join(folder, 'lists') };
  for (const place of [places.state, places.lists]) mkdirSync(place);
  chownSync(places.state, USER, USER);
  const ids = Array.from({ length: ID_COUNT }, (_, index) => `image-${index}`);
  writeFileSync(join(places.lists, 'ids.csv'), `id\n${ids.join('\n')}\n`);
  const simulator = await startSimulator({ accountId: '0'.repeat(32), apiToken: 'simulated-token' });
  try {
    const env = {
      CLOUDFLARE_BASE_URL: simulator.url,
      CLOUDFLARE_ACCOUNT_ID: '0'.repeat(32),
      CLOUDFLARE_API_TOKEN: 'simulated-token',
    };
    const start = (...args: readonly string[]): RunningContainer => startContainer(config, places, args, env);
    await checkEndings(start);

    const purge = ['delete', '/in/ids.csv', '--checkpoint', '/data/ids.checkpoint', '--rate', '100/s', '--concurrency', '4', '--yes'];
    const deletedCount = (): number => simulator.record.deleted.size;
    const stopped = await stoppedAfter(start(...purge), () => deletedCount() >= 50, 'SIGTERM');
    assert.equal(stopped.exitCode, 143, stopped.output);
    const report = (): string[] => readFileSync(join(places.state, 'ids.checkpoint.report.ndjson'), 'utf8').trim().split('\n');
    assert.equal(report().length, deletedCount(), 'what was answered is recorded');
    assert.ok(deletedCount() < ID_COUNT, 'it was stopped in the middle');
    console.log(`ok: SIGTERM drains: ${deletedCount()} of ${ID_COUNT} deleted and recorded, exit 143`);

    const killed = await stoppedAfter(start(...purge), () => deletedCount() >= 150, 'SIGKILL');
    assert.notEqual(killed.exitCode, 0);
    assert.ok(deletedCount() < ID_COUNT, 'it was killed in the middle');
    const finished = await start(...purge).ended;
    assert.equal(finished.exitCode, 0, finished.output);
    assert.deepEqual(new Set(simulator.record.deleted), new Set(ids));
    assert.equal(report().length, ID_COUNT, 'one line for each ID');
    console.log('ok: killed in one container, finished by another; one line of the report for each ID');
  } finally {
    await simulator.close();
    rmSync(folder, { recursive: true });
  }
}

async function checkEndings(start: (...args: readonly string[]) => RunningContainer): Promise<void> {
  assert.deepEqual(await start('--version').ended, { exitCode: 0, output: `${VERSION}\n` });
  const usage = await start('delete', '/in/ids.csv', '--checkpoint', '/data/no.checkpoint').ended;
  assert.equal(usage.exitCode, 2, usage.output);
  const readOnly = await start('plan', '/in/ids.csv', '--checkpoint', '/app/ids.checkpoint').ended;
  assert.equal(readOnly.exitCode, 5, readOnly.output);
  console.log('ok: exit codes are passed on (0, 2, 5); nothing but the volume can be written');
}

/** Sends the signal to the entry point once it is time, and looks before that at who it is. */
async function stoppedAfter(container: RunningContainer, isTime: () => boolean, signal: NodeJS.Signals): Promise<Ended> {
  let hasEnded = false;
  void container.ended.finally(() => (hasEnded = true));
  while (!isTime()) {
    if (hasEnded) throw new Error(`it ended before it was stopped:\n${(await container.ended).output}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const status = readFileSync(`/proc/${container.pid()}/status`, 'utf8');
  for (const line of [`Uid:\t${USER}\t`, `Gid:\t${USER}\t`, 'CapEff:\t0000000000000000', 'NoNewPrivs:\t1'])
    assert.ok(status.includes(line), line);
  assert.match(status, /^NSpid:\t\d+\t1$/m);
  process.kill(container.pid(), signal);
  return container.ended;
}
