import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { purge, PurgeError, type PurgeOptions } from '../../../src/index.ts';
import { TEST_ACCOUNT, TEST_TOKEN } from '../../support/cli/cli.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

function optionsFor(bench: PurgeBench, ids: PurgeOptions['ids']): PurgeOptions {
  return {
    ids,
    accountId: TEST_ACCOUNT,
    credentials: { apiToken: TEST_TOKEN },
    baseUrl: bench.simulator.url,
    checkpoint: bench.path('job.checkpoint'),
    rate: 'unlimited',
  };
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

  it('rejects noise and tells what looks suspicious, as of a file, unless the values are said to be literal', () =>
    withPurge({}, async (bench) => {
      const ids = ['img-1', 'NULL', '---', 'a%2Fb', 'id'];
      const summary = await purge({ ...optionsFor(bench, ids), dryRun: true });
      expect(summary.intake).toMatchObject({ accepted: 3, rejected: 2 });
      expect(summary.intake.suspicious).toEqual({ 'percent-encoded': { count: 1, example: 'a%2Fb', source: '-', line: 4 } });
      await expect(purge({ ...optionsFor(bench, ids), strict: true })).rejects.toMatchObject({ code: 'STRICT', exitCode: 7 });
      const literal = await purge({ ...optionsFor(bench, ids), strict: true, literal: true });
      expect(literal.intake).toMatchObject({ accepted: 5, rejected: 0, suspicious: {} });
      expect([...bench.simulator.record.deleted].sort()).toEqual([...ids].sort());
    }));

  it('deletes only the set that confirm names, and stops at maxAbsent', () =>
    withPurge({ images: { kind: 'list', ids: makeIds(5) } }, async (bench) => {
      const { digest } = await purge({ ...optionsFor(bench, makeIds(5)), dryRun: true });
      for (const confirm of [4, '000000000000']) {
        await expect(purge({ ...optionsFor(bench, makeIds(5)), confirm })).rejects.toMatchObject({ code: 'CONFIRM_DIFFERS', exitCode: 7 });
      }
      await expect(purge({ ...optionsFor(bench, makeIds(5)), confirm: 'all' })).rejects.toMatchObject({ exitCode: 2 });
      expect(bench.simulator.record.requestCount).toBe(0);
      expect(await purge({ ...optionsFor(bench, makeIds(5)), confirm: digest ?? '' })).toMatchObject({ digest, exitCode: 0 });
      const stopped = await purge({ ...optionsFor(bench, makeIds(200, 'wrong')), maxAbsent: 2 });
      expect(stopped).toMatchObject({ state: 'unfinished', exitCode: 8 });
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

  it('deletes what has come while the next ID is awaited', () =>
    withPurge({}, async (bench) => {
      const { deleted } = bench.simulator.record;
      async function* ids(): AsyncGenerator<string> {
        for (const id of makeIds(3)) {
          yield id;
          while (!deleted.has(id)) await setImmediate();
        }
      }
      expect(await purge(optionsFor(bench, ids()))).toMatchObject({ state: 'finished', outcomes: { deleted: 3 } });
    }));

  it('closes the iterable that it does not read to its end', () =>
    withPurge({ latencyMs: 10 }, async (bench) => {
      const stop = new AbortController();
      let isClosed = false;
      function* ids(): Generator<string> {
        try {
          for (let number = 0; ; number++) yield `image-${number}`;
        } finally {
          isClosed = true;
        }
      }
      const running = purge({ ...optionsFor(bench, ids()), signal: stop.signal });
      await bench.simulator.whenRequests(100);
      stop.abort();
      expect(await running).toMatchObject({ state: 'unfinished', exitCode: 130 });
      expect(isClosed).toBe(true);
    }));

  it('does not wait for the next ID where it is stopped, and says that it wants no more', () =>
    withPurge({}, async (bench) => {
      const stop = new AbortController();
      let returnCount = 0;
      const ids: AsyncIterable<string> = {
        [Symbol.asyncIterator]: () => ({
          next: () => {
            stop.abort();
            return new Promise(() => undefined);
          },
          return: () => {
            returnCount++;
            return Promise.reject(new Error('the program cannot tidy up'));
          },
        }),
      };
      expect(await purge({ ...optionsFor(bench, ids), signal: stop.signal })).toMatchObject({ state: 'unfinished', exitCode: 130 });
      expect(returnCount).toBe(1);
    }));

  it.each([
    ['is no string', [1], /Expected each ID to be a string, got number at position 4/],
    ['cannot be had', new Error('the database is away'), /the database is away/],
  ])('rejects where an ID %s; the IDs before it are kept', (_, last, message) =>
    withPurge({}, async (bench) => {
      async function* ids(): AsyncGenerator<string> {
        yield* makeIds(3);
        if (last instanceof Error) throw last;
        yield* (await Promise.resolve(last)) as unknown as string[];
      }
      await expect(purge({ ...optionsFor(bench, ids()), minIds: 1 })).rejects.toThrow(message);
      expect(summaryOf(await bench.run(['status', 'job.checkpoint', '--json']))).toMatchObject({
        state: 'unfinished',
        intake: { complete: false, accepted: 3 },
        pending: 3,
      });
    }),
  );

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

  it('works as docs/library.md shows it', () =>
    withPurge({}, async (bench) => {
      const page = readFileSync(`${ROOT}/docs/library.md`, 'utf8');
      const example = /```js\n(import \{ purge \}[\s\S]*?)```/.exec(page)?.[1];
      if (example === undefined) throw new Error('docs/library.md shows no example');
      writeFileSync(bench.path('example.mjs'), example.replace("'images-purge'", JSON.stringify(`${ROOT}/dist/index.js`)));
      const { stdout } = await promisify(execFile)(process.execPath, ['example.mjs'], {
        cwd: bench.folder,
        env: { CLOUDFLARE_ACCOUNT_ID: TEST_ACCOUNT, CLOUDFLARE_API_TOKEN: TEST_TOKEN, CLOUDFLARE_BASE_URL: bench.simulator.url },
      });
      expect(stdout).toContain('deleted 3');
      expect(bench.simulator.record.deleted.size).toBe(3);
    }));
});
