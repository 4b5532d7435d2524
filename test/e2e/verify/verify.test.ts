import { readdirSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { numberedImage } from '../../../src/simulator/images/image-store.ts';
import { failure, success } from '../../../src/simulator/simulated-answers.ts';
import type { Override } from '../../../src/simulator/script.ts';
import type { SimulatorOptions } from '../../../src/simulator/simulator-options.ts';
import { type CliResult, TEST_ACCOUNT } from '../../support/cli/cli.ts';
import { makeIds, type PurgeBench, withPurge, withPurgeProcesses } from '../../support/purge/purge.ts';

const IDS = ['a', 'b', 'folder/c%20d', '3f2504e0-4f89-41d3-9a0c-0305e82c3301'];
const UPLOADED_LATER = '2099-01-02T03:04:05.678Z';
const ACCOUNT_OF_FOUR: Partial<SimulatorOptions> = { images: { kind: 'list', ids: [...IDS, 'of-others'] } };

/** The DELETEs of these IDs are answered well, and nothing is done. */
function keeping(...ids: readonly string[]): Override {
  return ({ method, id }) => (method === 'DELETE' && id !== undefined && ids.includes(id) ? success({}) : undefined);
}

function verify(bench: PurgeBench, ...args: string[]): Promise<CliResult> {
  return bench.run(['verify', 'ids.csv.checkpoint', '--rate', 'unlimited', ...args]);
}

async function purge(bench: PurgeBench, ids: readonly string[] = IDS, ...kept: readonly string[]): Promise<void> {
  bench.writeIds('ids.csv', ids);
  bench.simulator.override(keeping(...kept));
  expect((await bench.delete()).exitCode).toBe(0);
  bench.simulator.override(undefined);
}

/** What was asked since the purge, below the account, without queries. */
function askedSince({ simulator }: PurgeBench, count: number): string[] {
  return simulator.record.requests
    .slice(count)
    .map(({ method, rawUrl }) => `${method} ${rawUrl.replace(/^.*?images\//, '').replace(/\?.*/, '')}`);
}

interface Found {
  readonly stillThere: readonly { readonly id: string }[];
  readonly uploadedAgain: readonly { readonly id: string }[];
  readonly unclear: readonly { readonly id: string; readonly why: string }[];
}

function foundIn({ stdout }: CliResult): Record<string, unknown> & { readonly ids: Record<keyof Found, string[]> } {
  const json = JSON.parse(stdout) as Record<string, unknown> & Found;
  const idsOf = (items: readonly { readonly id: string }[]): string[] => items.map(({ id }) => id);
  return { ...json, ids: { stillThere: idsOf(json.stillThere), uploadedAgain: idsOf(json.uploadedAgain), unclear: idsOf(json.unclear) } };
}

describe('verify', () => {
  it('a purge whose images are gone: exit 0, one page of the list, no DELETE, and the checkpoint as it was', () =>
    withPurge(ACCOUNT_OF_FOUR, async (bench) => {
      await purge(bench);
      const before = {
        bytes: bench.readBytes('ids.csv.checkpoint'),
        files: readdirSync(bench.folder),
        requests: bench.simulator.record.requestCount,
      };
      const { exitCode, stdout, stderr } = await verify(bench);
      expect({ exitCode, stderr }).toEqual({
        exitCode: 0,
        stderr: expect.stringMatching(/^4 IDs looked for, none still there, in .* \(3 requests\)\.\n$/),
      });
      expect(stdout.split('\n')).toEqual([
        'Purge           finished: deleted 4 · absent 0',
        `Account         ${TEST_ACCOUNT}, holds 1 image; 0 of them uploaded since the purge began`,
        'Looked          through the list, 1 image; 0 IDs asked for by themselves',
        'Still there     0',
        'Uploaded again  0',
        '',
      ]);
      expect(askedSince(bench, before.requests)).toEqual(['GET v1/stats', 'GET v2', 'GET v1/stats']);
      expect(readdirSync(bench.folder)).toEqual(before.files);
      expect(bench.readBytes('ids.csv.checkpoint')).toEqual(before.bytes);
    }));

  it('names each ID that is still there, confirmed by its own GET: exit 1', () =>
    withPurge(ACCOUNT_OF_FOUR, async (bench) => {
      await purge(bench, IDS, 'b', 'folder/c%20d');
      const before = bench.simulator.record.requestCount;
      const { exitCode, stdout, stderr } = await verify(bench);
      expect(exitCode).toBe(1);
      expect(stderr).toContain('4 IDs looked for, 2 still there');
      expect(stdout).toMatch(/^still there {2}b {2}\(uploaded 2026-01-02T03:04:05.678Z, deleted .*\)$/m);
      expect(stdout).toMatch(/^still there {2}folder\/c%20d /m);
      expect(askedSince(bench, before)).toEqual(['GET v1/stats', 'GET v2', 'GET v1/b', 'GET v1/folder%2Fc%2520d', 'GET v1/stats']);
      const json = foundIn(await verify(bench, '--json'));
      expect(json).toMatchObject({
        account: TEST_ACCOUNT,
        complete: true,
        method: 'list',
        exitCode: 1,
        endedBecause: 'finished',
        error: null,
      });
      expect(json).toMatchObject({ imagesBefore: 3, imagesAfter: 3, listed: 3, asked: 2, listedOnly: 0, outcomes: { deleted: 4 } });
      expect(json.ids).toEqual({ stillThere: ['b', 'folder/c%20d'], uploadedAgain: [], unclear: [] });
    }));

  it('an image uploaded after its deletion is no survivor, and one that is only listed is gone', () =>
    withPurge({ images: { kind: 'detailed', images: [{ id: 'a', uploaded: UPLOADED_LATER }, { id: 'b' }] } }, async (bench) => {
      await purge(bench, ['a', 'b'], 'a', 'b');
      bench.simulator.override(({ method, id }) => (method === 'GET' && id === 'b' ? failure(404, 5404, 'Image not found') : undefined));
      const result = await verify(bench, '--json');
      expect(result.exitCode).toBe(0);
      expect(foundIn(result)).toMatchObject({
        ids: { stillThere: [], uploadedAgain: ['a'], unclear: [] },
        listedOnly: 1,
        uploadedSince: 1,
      });
    }));

  it('asks for each ID by itself where that takes fewer requests than the pages of the list; drafts are seen then', () =>
    withPurge({ images: { kind: 'numbered', count: 3_000 } }, async (bench) => {
      const ids = [numberedImage(7).id, numberedImage(8).id];
      await purge(bench, ids, ids[1] ?? '');
      const before = bench.simulator.record.requestCount;
      const result = await verify(bench, '--json');
      expect(result.exitCode).toBe(1);
      expect(foundIn(result)).toMatchObject({ method: 'single', asked: 2, listed: 0, ids: { stillThere: [ids[1]] } });
      expect(askedSince(bench, before)).toEqual(['GET v1/stats', ...ids.map((id) => `GET v1/${id}`), 'GET v1/stats']);
    }));

  it('what cannot be told of an ID is not called gone: exit 1', () =>
    withPurge(ACCOUNT_OF_FOUR, async (bench) => {
      await purge(bench, IDS, 'a', 'b');
      bench.simulator.override(({ method, id }) => {
        if (method !== 'GET' || id === undefined) return undefined;
        return id === 'a' ? failure(400, 5400, 'Bad request') : failure(500, 5500, 'Internal server error');
      });
      const result = await verify(bench, '--json', '--max-attempts', '1');
      expect(result.exitCode).toBe(1);
      expect(foundIn(result)).toMatchObject({ ids: { stillThere: [], unclear: ['a', 'b'] } });
    }));

  it('many pages: every ID of the purge is found among the images of others', () =>
    withPurge({ images: { kind: 'numbered', count: 4_500 } }, async (bench) => {
      const ids = Array.from({ length: 1_500 }, (_, index) => numberedImage(index * 3).id);
      const kept = ids.filter((_, index) => index % 100 === 0);
      await purge(bench, ids, ...kept);
      const result = await verify(bench, '--json');
      expect(foundIn(result)).toMatchObject({ method: 'list', listed: 3_015, ids: { stillThere: kept } });
    }));

  it('an expired token begins the list again', () =>
    withPurge({ images: { kind: 'numbered', count: 2_500 } }, async (bench) => {
      const ids = Array.from({ length: 10 }, (_, index) => numberedImage(index).id);
      await purge(bench, ids, ids[0] ?? '');
      let hasExpired = false;
      bench.simulator.override(({ rawUrl }) => {
        if (!rawUrl.includes('continuation_token') || hasExpired) return undefined;
        hasExpired = true;
        return failure(400, 5400, 'invalid continuation token');
      });
      const result = await verify(bench, '--json');
      expect(result.stderr).toContain('LIST_TOKEN_EXPIRED');
      expect(foundIn(result)).toMatchObject({ listed: 2_491, ids: { stillThere: [ids[0]] } });
    }));
});

describe('how a verification ends', () => {
  it('an unfinished purge is verified for what it says is gone', () =>
    withPurge(ACCOUNT_OF_FOUR, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      expect((await bench.delete(['--limit', '2'])).exitCode).toBe(8);
      const { exitCode, stdout } = await verify(bench);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('unfinished: deleted 2 · absent 0; 2 not sent yet, and not looked for');
    }));

  it('a plan has nothing to look for: no request', () =>
    withPurge(ACCOUNT_OF_FOUR, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url]);
      expect((await verify(bench)).exitCode).toBe(0);
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it('another account or API root is exit 7, no checkpoint exit 5, two of them exit 2, and nothing is sent', () =>
    withPurge(ACCOUNT_OF_FOUR, async (bench) => {
      await purge(bench);
      const before = bench.simulator.record.requestCount;
      expect((await verify(bench, '--account-id', 'f'.repeat(32))).exitCode).toBe(7);
      expect((await verify(bench, '--base-url', 'http://127.0.0.1:1')).exitCode).toBe(7);
      expect((await bench.run(['verify', 'none.checkpoint'])).exitCode).toBe(5);
      expect((await bench.run(['verify', 'ids.csv.checkpoint', 'b.checkpoint'])).exitCode).toBe(2);
      expect(bench.simulator.record.requestCount).toBe(before);
    }));

  it('credentials that are refused: exit 3, with the command to go on with', () =>
    withPurge(ACCOUNT_OF_FOUR, async (bench) => {
      await purge(bench);
      bench.simulator.revokeToken();
      const { exitCode, stderr } = await verify(bench);
      expect(exitCode).toBe(3);
      expect(stderr).toMatch(/images-purge verify \S*ids\.csv\.checkpoint/);
      expect(stderr).toContain('not every ID was looked for');
    }));

  it('an API that does not answer: exit 4 after --give-up-after', () =>
    withPurgeProcesses(ACCOUNT_OF_FOUR, async (bench) => {
      await purge(bench);
      bench.simulator.beginOutage('503');
      const result = await verify(bench, '--give-up-after', '1s', '--json');
      expect(result.exitCode).toBe(4);
      expect(foundIn(result)).toMatchObject({ complete: false, error: { code: 'GAVE_UP' } });
    }));

  it.each(['SIGINT', 'SIGTERM'] as const)('%s: its own exit code, and the same command begins again', (signal) =>
    withPurgeProcesses(ACCOUNT_OF_FOUR, async (bench) => {
      await purge(bench);
      const hanging = new Promise<void>((resolve) =>
        bench.simulator.override(({ rawUrl }) => {
          if (!rawUrl.includes('images/v2')) return undefined;
          resolve();
          return 'hang';
        }),
      );
      const running = bench.start(['verify', 'ids.csv.checkpoint', '--rate', 'unlimited']);
      await hanging;
      running.child.kill(signal);
      const { exitCode, stderr } = await running.finished;
      expect(exitCode).toBe(signal === 'SIGINT' ? 130 : 143);
      expect(stderr).toContain(`Verification stopped by ${signal}: not every ID was looked for.`);
      bench.simulator.override(undefined);
      expect((await verify(bench)).exitCode).toBe(0);
    }),
  );

  it('while a purge of the account is at work: exit 6', () =>
    withPurgeProcesses(ACCOUNT_OF_FOUR, async (bench) => {
      await purge(bench);
      bench.writeIds('others.csv', makeIds(2));
      const hanging = new Promise<void>((resolve) =>
        bench.simulator.override(({ method }) => {
          if (method !== 'DELETE') return undefined;
          resolve();
          return 'hang';
        }),
      );
      const running = bench.start(bench.deleteArgs('others.csv'));
      await hanging;
      expect((await verify(bench)).exitCode).toBe(6);
      running.child.kill('SIGKILL');
      await running.finished;
    }));
});
