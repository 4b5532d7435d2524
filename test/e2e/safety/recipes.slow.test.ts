import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { type RunningCli, startProgram } from '../../support/cli/cli.ts';
import { writeProgram } from '../../support/cli/pasted.ts';
import { makeIds, type PurgeBench, withPurge } from '../../support/purge/purge.ts';
import { failure } from '../../../src/simulator/simulated-answers.ts';
import { createGate } from '../../support/purge/traffic.ts';

const [SCRIPT = '', CHOOSING = '', KEEPING = '', NIGHTLY = ''] = Array.from(
  readFileSync('docs/recipes.md', 'utf8').matchAll(/```sh\n(.*?)```/gs),
  ([, script = '']) => script,
);

/** Runs the recipe in a shell that knows `images-purge`. */
function runRecipe(bench: PurgeBench, script: string): RunningCli['finished'] {
  return startRecipe(bench, script).finished;
}

function startRecipe(bench: PurgeBench, script: string): RunningCli {
  writeProgram(bench.path('images-purge'));
  const env = {
    PATH: `${bench.folder}:${process.env['PATH'] ?? ''}`,
    CLOUDFLARE_BASE_URL: bench.simulator.url,
    IMAGES_PURGE_RATE: 'unlimited',
  };
  return startProgram('sh', ['-c', script], { cwd: bench.folder, env });
}

it('the recipe of docs/recipes.md deletes what was approved, and nothing where the list has changed since', () =>
  withPurge({}, async (bench) => {
    bench.writeIds('ids.csv', makeIds(5));
    bench.writeIds('keep.txt', makeIds(2));
    const changed = await runRecipe(bench, SCRIPT.replace('mkdir elsewhere', 'echo unseen >> ids.csv; mkdir elsewhere'));
    expect(changed.exitCode).toBe(7);
    expect(changed.stderr).toContain('of 4 IDs; nothing was sent.');
    expect(bench.simulator.record.requestCount).toBe(0);

    bench.writeIds('ids.csv', makeIds(5));
    const approved = await runRecipe(bench, SCRIPT.replace('mkdir elsewhere', 'rm -r elsewhere; mkdir elsewhere'));
    expect(approved.exitCode).toBe(0);
    expect(approved.stderr).toMatch(/Done in .*: 3 of 3 IDs deleted\./);
    expect([...bench.simulator.record.deleted.keys()].toSorted()).toEqual(makeIds(5).slice(2));
  }));

it('the recipe that chooses from the account deletes what is old and in no row of the database, and nothing else', () => {
  const images = [
    { id: 'old-1', uploaded: '2025-01-01T00:00:00Z' },
    { id: 'old-2', uploaded: '2025-01-02T00:00:00Z' },
    { id: 'Shop/Used.jpg', uploaded: '2025-01-03T00:00:00Z' },
    { id: 'new-1', uploaded: new Date().toISOString() },
    { id: 'undated', uploaded: null },
  ];
  return withPurge({ images: { kind: 'detailed', images } }, async (bench) => {
    bench.write('in-use.csv', 'name;image_id\nx;shop%2Fused.jpg\n');
    const done = await runRecipe(bench, CHOOSING);
    expect(done.exitCode).toBe(0);
    expect(bench.read('all.csv').split('\n')).toHaveLength(images.length + 2);
    expect(done.stderr).toMatch(/Done in .*: 2 of 2 IDs deleted\./);
    expect([...bench.simulator.record.deleted].toSorted()).toEqual(['old-1', 'old-2']);
  });
});

it('the recipe with a copy saves what it deletes, finds it whole, and brings one back', () => {
  const images = [
    { id: 'old-1', uploaded: '2025-01-01T00:00:00Z', creator: 'me' },
    { id: 'old-2', uploaded: '2025-01-02T00:00:00Z' },
    { id: 'used', uploaded: '2025-01-03T00:00:00Z' },
  ];
  return withPurge({ images: { kind: 'detailed', images } }, async (bench) => {
    bench.write('in-use.csv', 'image_id\nused\n');
    const done = await runRecipe(bench, KEEPING);
    expect(done.stderr).not.toMatch(/^error/m);
    expect(done.exitCode).toBe(0);
    expect([...bench.simulator.record.deleted].toSorted()).toEqual(['old-1', 'old-2']);
    expect(done.stderr).toContain('2 images read (148 bytes), all whole');
    const { url, options } = bench.simulator;
    const back = await fetch(`${url}/accounts/${options.accountId}/images/v1/old-1`, {
      headers: { authorization: `Bearer ${options.apiToken}` },
    });
    expect(await back.json()).toMatchObject({ result: { id: 'old-1', creator: 'me' } });
  });
});

it('the recipe for every night finishes an interrupted night first, and deletes nothing where the list fails', () => {
  const images = [...makeIds(20, 'old'), 'used', ...makeIds(30, 'new')].map((id) => ({
    id,
    uploaded: id.startsWith('new') ? new Date().toISOString() : '2025-01-01T00:00:00Z',
  }));
  return withPurge({ images: { kind: 'detailed', images } }, async (bench) => {
    const { simulator } = bench;
    const deleted = (): string[] => [...simulator.record.deleted].toSorted();
    bench.write('in-use.csv', 'image_id\nused\n');
    // Deletes meet an outage in the first night: it is stopped, and leaves most of its list.
    const isBroken = createGate();
    let deleteCount = 0;
    simulator.override(({ method }) => {
      if (method !== 'DELETE' || ++deleteCount <= 5) return undefined;
      isBroken.open();
      return 'hang';
    });
    const first = startRecipe(bench, NIGHTLY.replaceAll('--verify', '--verify --timeout 1s --give-up-after 1s'));
    await isBroken.opened;
    expect((await first.finished).exitCode).toBe(4);
    expect(deleted().length).toBeLessThan(20);

    // The second finishes it, and then cannot read the list.
    let listCount = 0;
    simulator.override(({ rawUrl }) => (rawUrl.includes('/images/v2?') && ++listCount > 1 ? failure(403, 10000, 'no') : undefined));
    const second = await runRecipe(bench, NIGHTLY);
    expect(second.stderr).toMatch(/Done in .*: 20 of 20 IDs deleted\./);
    expect(second.exitCode).toBe(3);
    expect(deleted()).toEqual(makeIds(20, 'old'));

    // The third has nothing to do.
    simulator.override(() => undefined);
    const third = await runRecipe(bench, NIGHTLY);
    expect(third.stderr).not.toMatch(/^error/m);
    expect(third.exitCode).toBe(0);
    expect(deleted()).toEqual(makeIds(20, 'old'));
  });
});
