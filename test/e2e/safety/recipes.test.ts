import { chmodSync, readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { CLI_PATH, startProgram } from '../../support/cli/cli.ts';
import { makeIds, type PurgeBench, withPurge } from '../../support/purge/purge.ts';

const SCRIPT = /```sh\n(.*?)```/s.exec(readFileSync('docs/recipes.md', 'utf8'))?.[1] ?? '';

/** Runs the recipe in a shell that knows `images-purge`. */
function runRecipe(bench: PurgeBench, script: string): ReturnType<typeof startProgram>['finished'] {
  bench.write('images-purge', `#!/bin/sh\nexec '${process.execPath}' '${CLI_PATH}' "$@"\n`);
  chmodSync(bench.path('images-purge'), 0o755);
  const env = {
    PATH: `${bench.folder}:${process.env['PATH'] ?? ''}`,
    CLOUDFLARE_BASE_URL: bench.simulator.url,
    IMAGES_PURGE_RATE: 'unlimited',
  };
  return startProgram('sh', ['-c', script], { cwd: bench.folder, env }).finished;
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
