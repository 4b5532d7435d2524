import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { numberedImage } from '../../../src/simulator/images/image-store.ts';
import { failure, throttled } from '../../../src/simulator/simulated-answers.ts';
import type { Simulator } from '../../../src/simulator/simulator.ts';
import { type CliResult, runCli, type RunningCli, startCli, withFolder } from '../../support/cli/cli.ts';
import { runInProcess } from '../../support/cli/in-process.ts';
import { pagesOfImages, tokenOf } from '../../support/list/paged-images.ts';
import { withSimulator } from '../../support/servers/simulator.ts';

const IMAGES = Array.from({ length: 10 }, (_, number) => numberedImage(number));
const WHOLE = ['id', ...IMAGES.map(({ id }) => id), ''].join('\n');

interface Bench {
  readonly folder: string;
  readonly simulator: Simulator;
  readonly start: (...args: string[]) => RunningCli;
  readonly list: (...args: string[]) => Promise<CliResult>;
  readonly read: (name: string) => string;
  /** The tokens of the pages asked for, in their order. */
  readonly asked: () => string[];
}

/** An account of ten images, two a page. */
async function withAccount(work: (bench: Bench) => Promise<void>): Promise<void> {
  await withFolder((folder) =>
    withSimulator({}, async (simulator) => {
      simulator.override(pagesOfImages(IMAGES, 2));
      const listing = (args: readonly string[]): string[] => ['list', '--base-url', simulator.url, '--rate', 'unlimited', ...args];
      await work({
        folder,
        simulator,
        start: (...args) => startCli(listing(args), { cwd: folder }),
        list: (...args) => runInProcess(listing(args), { cwd: folder }),
        read: (name) => readFileSync(join(folder, name), 'utf8'),
        asked: () => simulator.record.requests.map(({ rawUrl }) => tokenOf(rawUrl)),
      });
    }),
  );
}

/** Serves pages until the one of this token, which is never answered, and resolves when it is asked for. */
function hangAt(simulator: Simulator, token: string): Promise<void> {
  const pages = pagesOfImages(IMAGES, 2);
  return new Promise((resolve) =>
    simulator.override((request) => {
      if (tokenOf(request.rawUrl) !== token) return pages(request);
      resolve();
      return 'hang';
    }),
  );
}

/** A list that is killed while it waits for the page of this token. */
async function killedAt(token: string, { simulator, start }: Pick<Bench, 'simulator' | 'start'>, ...args: string[]): Promise<void> {
  const hanging = hangAt(simulator, token);
  const killed = start(...args);
  await hanging;
  killed.child.kill('SIGKILL');
  await killed.finished;
}

const TO_FILE = ['--fields', 'id', '-o', 'all.csv'];

describe('an interrupted list with -o', () => {
  it.each(['SIGKILL', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'goes on after %s with the page that was not answered, and no other',
    (signal) =>
      withAccount(async ({ folder, simulator, start, list, read, asked }) => {
        const hanging = hangAt(simulator, 'at-4');
        const killed = start(...TO_FILE);
        await hanging;
        killed.child.kill(signal);
        const { exitCode, stderr } = await killed.finished;
        expect(existsSync(join(folder, 'all.csv'))).toBe(false);
        if (signal !== 'SIGKILL') {
          expect(exitCode).toBe({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal]);
          expect(stderr).toMatch(/stopped by SIG\w+: 4 images read, 4 listed, kept beside all\.csv/);
          expect(stderr).toMatch(/images-purge list .*-o|images-purge list .*--output/);
        }
        simulator.override(pagesOfImages(IMAGES, 2));
        const resumed = await list(...TO_FILE);
        expect(resumed).toMatchObject({ exitCode: 0, stdout: '' });
        expect(read('all.csv')).toBe(WHOLE);
        expect(asked()).toEqual(['first', 'at-2', 'at-4', 'at-4', 'at-6', 'at-8']);
        expect(readdirSync(folder)).toEqual(['all.csv']);
        expect(statSync(join(folder, 'all.csv')).mode & 0o777).toBe(0o600);
      }),
  );

  it('gives up with exit 4, and goes on', () =>
    withAccount(async ({ simulator, list, read }) => {
      const pages = pagesOfImages(IMAGES, 2);
      simulator.override((request) => (tokenOf(request.rawUrl) === 'at-4' ? throttled(7_200) : pages(request)));
      const gaveUp = await list(...TO_FILE);
      expect(gaveUp.exitCode).toBe(4);
      expect(gaveUp.stderr).toContain('the API asks to wait 2 h');
      expect(gaveUp.stderr).toContain('4 images read, 4 listed, kept beside all.csv');
      expect(gaveUp.stderr).not.toContain('marked failed');
      simulator.override(pagesOfImages(IMAGES, 2));
      expect((await list(...TO_FILE)).exitCode).toBe(0);
      expect(read('all.csv')).toBe(WHOLE);
    }));

  it.each<[what: string, args: readonly string[]]>([
    ['another filter', ['--prefix', '9e3779b1']],
    ['another order', ['--sort', 'desc']],
    ['another form', ['--format', 'ids']],
    ['a limit', ['--limit', '3']],
    ['other contents of a file of IDs', ['--not-in', 'keep.txt']],
  ])('begins again with %s', (_, args) =>
    withAccount(async ({ folder, simulator, start, list, asked }) => {
      writeFileSync(join(folder, 'keep.txt'), 'one\n');
      const isFile = args.includes('--not-in');
      await killedAt('at-4', { simulator, start }, ...TO_FILE, ...(isFile ? args : []));
      simulator.override(pagesOfImages(IMAGES, 2));
      writeFileSync(join(folder, 'keep.txt'), 'two\n');
      const other = await list(...TO_FILE, ...args);
      expect(other.exitCode).toBe(0);
      expect(other.stderr).toContain('is begun again: it was asked for something else');
      expect(asked().slice(0, 4)).toEqual(['first', 'at-2', 'at-4', 'first']);
    }),
  );

  it.each<[what: string, spoil: (rows: string) => string]>([
    ['shorter', (rows) => rows.slice(0, -1)],
    ['other', (rows) => `X${rows.slice(1)}`],
  ])('begins again where its rows are %s than it left them', (_, spoil) =>
    withAccount(async ({ folder, simulator, start, list, read }) => {
      await killedAt('at-4', { simulator, start }, ...TO_FILE);
      const rowsPath = join(folder, 'all.csv.images-purge-new');
      writeFileSync(rowsPath, spoil(readFileSync(rowsPath, 'utf8')));
      simulator.override(pagesOfImages(IMAGES, 2));
      expect((await list(...TO_FILE)).stderr).toContain('is begun again: its rows are not as they were left');
      expect(read('all.csv')).toBe(WHOLE);
    }),
  );

  it('half a row behind what is good is cut off', () =>
    withAccount(async ({ folder, simulator, start, list, read }) => {
      await killedAt('at-4', { simulator, start }, ...TO_FILE);
      const rowsPath = join(folder, 'all.csv.images-purge-new');
      writeFileSync(rowsPath, `${readFileSync(rowsPath, 'utf8')}9e37`);
      simulator.override(pagesOfImages(IMAGES, 2));
      expect((await list(...TO_FILE)).stderr).not.toContain('begun again');
      expect(read('all.csv')).toBe(WHOLE);
    }));

  it('an expired token begins it again, and says so; the file of an earlier list stays until then', () =>
    withAccount(async ({ folder, simulator, start, list, read, asked }) => {
      writeFileSync(join(folder, 'all.csv'), 'an earlier list\n');
      await killedAt('at-4', { simulator, start }, ...TO_FILE, '--force');
      const pages = pagesOfImages(IMAGES, 2);
      let isExpired = true;
      simulator.override((request) => {
        if (tokenOf(request.rawUrl) !== 'at-4' || !isExpired) return pages(request);
        isExpired = false;
        expect(read('all.csv')).toBe('an earlier list\n');
        return failure(400, 5400, 'expired');
      });
      const again = await list(...TO_FILE, '--force');
      expect(again.exitCode).toBe(0);
      expect(again.stderr).toContain('does not take the continuation token');
      expect(asked()).toEqual(['first', 'at-2', 'at-4', 'at-4', 'first', 'at-2', 'at-4', 'at-6', 'at-8']);
      expect(read('all.csv')).toBe(WHOLE);
    }));

  it('a token that expires again and again ends it with exit 5', () =>
    withAccount(async ({ folder, simulator, list }) => {
      const pages = pagesOfImages(IMAGES, 2);
      simulator.override((request) => (tokenOf(request.rawUrl) === 'at-4' ? failure(400, 5400, 'expired') : pages(request)));
      expect(await list(...TO_FILE)).toMatchObject({
        exitCode: 5,
        stderr: expect.stringContaining('does not go on with the list') as string,
      });
      expect(existsSync(join(folder, 'all.csv'))).toBe(false);
    }));

  it('without -o, an expired token is exit 5: what was written is not the whole list', () =>
    withAccount(async ({ simulator, list }) => {
      const pages = pagesOfImages(IMAGES, 2);
      simulator.override((request) => (tokenOf(request.rawUrl) === 'at-4' ? failure(400, 5400, 'expired') : pages(request)));
      const ended = await list('--format', 'ids');
      expect(ended.exitCode).toBe(5);
      expect(ended.stdout.trim().split('\n')).toHaveLength(4);
      expect(ended.stderr).toContain('what was written is not the whole list');
      expect(ended.stderr).toContain('-o FILE');
    }));

  it('a file of somebody is not written over: not at the beginning, and not at the end', () =>
    withAccount(async ({ folder, simulator, list, read, asked }) => {
      writeFileSync(join(folder, 'all.csv'), 'precious\n');
      expect(await list(...TO_FILE)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('all.csv exists already') as string });
      expect(asked()).toEqual([]);
      writeFileSync(join(folder, 'all.csv'), '');
      const pages = pagesOfImages(IMAGES, 2);
      simulator.override((request) => {
        if (tokenOf(request.rawUrl) === 'at-8') writeFileSync(join(folder, 'all.csv'), 'precious\n');
        return pages(request);
      });
      expect((await list(...TO_FILE)).exitCode).toBe(2);
      expect(read('all.csv')).toBe('precious\n');
      const count = asked().length;
      expect((await list(...TO_FILE, '--force')).exitCode).toBe(0);
      expect(read('all.csv')).toBe(WHOLE);
      expect(asked()).toHaveLength(count);
    }));

  it('two lists to one file, or of one account on one machine, are exit 6', () =>
    withAccount(async ({ simulator, start, list }) => {
      const hanging = hangAt(simulator, 'at-4');
      const first = start(...TO_FILE);
      await hanging;
      expect(await list(...TO_FILE, '--allow-parallel')).toMatchObject({
        exitCode: 6,
        stderr: expect.stringContaining('another run writes') as string,
      });
      const other = await list('--fields', 'id', '-o', 'other.csv');
      expect(other).toMatchObject({
        exitCode: 6,
        stderr: expect.stringMatching(/process \d+, images-purge list\) uses account/) as string,
      });
      first.child.kill('SIGKILL');
      await first.finished;
    }));

  it('a purge does not begin while a list uses the quota of its account', () =>
    withAccount(async ({ folder, simulator, start }) => {
      const hanging = hangAt(simulator, 'at-4');
      const first = start(...TO_FILE);
      await hanging;
      writeFileSync(join(folder, 'ids.csv'), 'id\na\n');
      const purge = await runCli(['delete', 'ids.csv', '--yes', '--base-url', simulator.url], { cwd: folder });
      expect(purge).toMatchObject({ exitCode: 6, stderr: expect.stringContaining('images-purge list') as string });
      first.child.kill('SIGKILL');
      await first.finished;
    }));
});
