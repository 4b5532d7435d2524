import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { purge, PurgeError, type PurgeOptions } from '../../src/index.ts';
import { TEST_ACCOUNT, TEST_TOKEN } from '../support/cli.ts';
import { makeIds, type PurgeBench, withPurge } from '../support/purge.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function optionsFor(bench: PurgeBench, ids: PurgeOptions['ids']): PurgeOptions {
  return { ids, accountId: TEST_ACCOUNT, credentials: { apiToken: TEST_TOKEN }, baseUrl: bench.simulator.url, checkpoint: bench.path('job.checkpoint'), rate: 'unlimited' };
}

describe('purge() from a program', () => {
  it('deletes what an async iterable yields and returns the summary', () =>
    withPurge({}, async (bench) => {
      async function* ids(): AsyncGenerator<string> {
        for (const id of makeIds(200)) yield await Promise.resolve(id);
      }
      const summary = await purge(optionsFor(bench, ids()));
      expect(summary).toMatchObject({ state: 'finished', outcomes: { deleted: 200 }, pending: 0, exitCode: 0 });
      expect(bench.outcomes('job.checkpoint.report.ndjson').size).toBe(200);
    }));

  it('stops by AbortSignal: what was answered is recorded, the rest stays pending', () =>
    withPurge({ latencyMs: 10 }, async (bench) => {
      const stop = new AbortController();
      const running = purge({ ...optionsFor(bench, makeIds(2_000)), signal: stop.signal });
      await bench.simulator.whenRequests(100);
      stop.abort();
      const summary = await running;
      expect(summary).toMatchObject({ state: 'unfinished', exitCode: 130 });
      expect(summary.outcomes.deleted).toBe(bench.simulator.record.deleted.size);
    }));

  it('rejects where it is stopped before there is a purge, and sends nothing', () =>
    withPurge({}, async (bench) => {
      const refused = purge({ ...optionsFor(bench, makeIds(3)), signal: AbortSignal.abort() });
      await expect(refused).rejects.toBeInstanceOf(PurgeError);
      await expect(refused).rejects.toMatchObject({ code: 'STOPPED_EARLY', exitCode: 130, summary: undefined });
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it('rejects with the code, the exit code and the next step where it is refused', () =>
    withPurge({}, async (bench) => {
      const refused = purge({ ...optionsFor(bench, makeIds(3)), minIds: 10 });
      await expect(refused).rejects.toBeInstanceOf(PurgeError);
      await expect(refused).rejects.toMatchObject({ code: 'MIN_IDS', exitCode: 7, summary: { pending: 3 } });
    }));

  it('refuses options it does not know, so that no guard is lost to a misspelling', async () => {
    const options = { ids: [], accountId: TEST_ACCOUNT, credentials: { apiToken: 't' }, checkpoint: '/nowhere', minIDs: 3 } as PurgeOptions;
    await expect(purge(options)).rejects.toMatchObject({ code: 'OPTION_UNKNOWN', exitCode: 2 });
  });

  it('works as the README shows it', () =>
    withPurge({}, async (bench) => {
      const readme = readFileSync(`${ROOT}/README.md`, 'utf8');
      const example = /```js\n(import \{ purge \}[\s\S]*?)```/.exec(readme)?.[1];
      if (example === undefined) throw new Error('the README shows no example of the library');
      writeFileSync(bench.path('example.mjs'), example.replace("'images-purge'", JSON.stringify(`${ROOT}/dist/index.js`)));
      const { stdout } = await promisify(execFile)(process.execPath, ['example.mjs'], {
        cwd: bench.folder,
        env: { CLOUDFLARE_ACCOUNT_ID: TEST_ACCOUNT, CLOUDFLARE_API_TOKEN: TEST_TOKEN, CLOUDFLARE_BASE_URL: bench.simulator.url },
      });
      expect(stdout).toContain('deleted 3');
      expect(bench.simulator.record.deleted.size).toBe(3);
    }));
});
