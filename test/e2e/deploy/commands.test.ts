import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, it } from 'vitest';

import { COMPOSE, type DeployedCommand, podCommand, unitLines } from '../../support/deploy/workloads.ts';
import { makeIds, type PurgeBench, withPurge } from '../../support/purge/purge.ts';
import { type CliResult, TEST_ACCOUNT, TEST_TOKEN } from '../../support/cli/cli.ts';
import { HAS_REDIS, TestRedis } from '../../support/servers/redis.ts';

// Beside the bench's folder, which is searched for secrets.
const secrets = mkdtempSync(join(tmpdir(), 'images-purge-secrets-'));
afterAll(() => rmSync(secrets, { recursive: true }));

/** Runs a command as it stands in deploy/, with the places of this test for those it mounts, and the simulator for the API. */
function runDeployed(bench: PurgeBench, { args, env }: DeployedCommand): Promise<CliResult> {
  const places: readonly [RegExp, string][] = [
    [/\/run\/secrets(?=\/)/, secrets],
    [/(?<==|^)(?:\/in|\/srv\/exports)(?=\/)/, bench.path('in')],
    [/(?<==|^)(?:\/data|%S\/images-purge)(?=\/)/, bench.path('data')],
    [/(?<==)0\.0\.0\.0:9464$/, '127.0.0.1:0'],
  ];
  const here = (text: string): string => places.reduce((replaced, [there, place]) => replaced.replace(there, place), text);
  const given = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, here(value)]));
  return bench.run(args.map(here), {
    // An empty variable is unset: the token comes from the file that the command names.
    env: { CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_BASE_URL: bench.simulator.url, IMAGES_PURGE_RATE: '200/s', ...given },
  });
}

const IDS = makeIds(9);
const PROTECTED = 2;

/** Lists as the command expects them: nine IDs, two of which must stay; and the token in its file. */
async function withLists(tokenFile: string, source: string, work: (bench: PurgeBench) => Promise<void>): Promise<void> {
  mkdirSync(join(secrets, tokenFile, '..'), { recursive: true });
  writeFileSync(join(secrets, tokenFile), `${TEST_TOKEN}\n`);
  await withPurge({ images: { kind: 'list', ids: [...IDS, ...makeIds(60, 'other')] } }, async (bench) => {
    for (const name of ['in', 'data']) mkdirSync(bench.path(name));
    bench.writeIds(`in/${source}`, IDS);
    bench.writeIds('in/keep.csv', IDS.slice(0, PROTECTED));
    await work(bench);
    expect(bench.simulator.record.deleted).toEqual(new Set(IDS.slice(PROTECTED)));
    expect(bench.deleteCount).toBe(IDS.length - PROTECTED);
  });
}

/** As `kubectl` or a person would set what the manifests leave open. */
const ACCOUNT = { CLOUDFLARE_ACCOUNT_ID: TEST_ACCOUNT };

it.each(['kubernetes/base', 'kubernetes/overlays/production'])('the command of %s deletes a list', (folder) =>
  withLists('images-purge/token', 'expired.csv', async (bench) => {
    const { args, env } = podCommand(folder);
    const done = await runDeployed(bench, { args, env: { ...env, ...ACCOUNT } });
    expect(done.stderr).not.toMatch(/"level":"(?:warn|error)"/);
    expect(done.exitCode).toBe(0);
  }),
);

it('the commands of an Indexed Job delete their shards of what was consented to, and nothing without consent', () =>
  withLists('images-purge/token', 'ids.csv', async (bench) => {
    const [first, ...others] = Array.from({ length: 4 }, (_, index) => podCommand('kubernetes/sharded', index));
    if (first === undefined) throw new Error('no pod');
    const asItStands = await runDeployed(bench, { ...first, env: { ...first.env, ...ACCOUNT } });
    expect(asItStands.exitCode).toBe(2);
    const plan = await bench.run(['plan', 'in/ids.csv', '--exclude', 'in/keep.csv', '--checkpoint', 'plan', '--json'], {
      env: { CLOUDFLARE_BASE_URL: bench.simulator.url },
    });
    const { digest } = JSON.parse(plan.stdout) as { digest: string };
    expect(bench.simulator.record.requestCount).toBe(0);
    for (const { args, env } of [first, ...others]) {
      const done = await runDeployed(bench, { args, env: { ...env, ...ACCOUNT, IMAGES_PURGE_CONFIRM: digest } });
      expect(done.exitCode, done.stderr).toBe(0);
    }
  }));

it.skipIf(!HAS_REDIS)('the commands of an Indexed Job with a Redis share its schedule', () =>
  withLists('images-purge/token', 'ids.csv', async (bench) => {
    const redis = await TestRedis.start();
    try {
      mkdirSync(join(secrets, 'images-purge-redis'), { recursive: true });
      writeFileSync(join(secrets, 'images-purge-redis/url'), `${redis.url}\n`);
      for (let index = 0; index < 4; index++) {
        const { args, env } = podCommand('kubernetes/sharded-redis', index);
        const done = await runDeployed(bench, { args, env: { ...env, ...ACCOUNT, IMAGES_PURGE_CONFIRM: String(IDS.length - PROTECTED) } });
        expect(done.exitCode, done.stderr).toBe(0);
        expect(done.stderr).not.toContain('redis-');
      }
      expect(await redis.keys()).not.toEqual([]);
    } finally {
      await redis.stop();
    }
  }),
);

it('the command of compose.yaml deletes a list', () =>
  withLists('cloudflare_token', 'expired.csv', async (bench) => {
    const { command, environment } = COMPOSE.services['purge'] ?? { command: [], environment: {} };
    const done = await runDeployed(bench, { args: command, env: { ...environment, ...ACCOUNT } });
    expect(done.exitCode, done.stderr).toBe(0);
  }));

it('the command of the systemd service deletes a list, the token from its credential', () =>
  withLists('credentials/token', 'expired.csv', async (bench) => {
    const unit = unitLines('systemd/images-purge.service');
    const [program, ...args] = (unit.get('ExecStart') ?? '').split(/\s+/);
    expect(program).toBe('/usr/bin/images-purge');
    const [name = '', value = ''] = (unit.get('Environment') ?? '').split('=');
    const done = await runDeployed(bench, { args, env: { ...ACCOUNT, [name]: value.replace('%d', '/run/secrets/credentials') } });
    expect(done.exitCode, done.stderr).toBe(0);
  }));
