import { copyFileSync, linkSync, symlinkSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { failure } from '../../../src/simulator/simulated-answers.ts';
import { type CliResult, TEST_ACCOUNT } from '../../support/cli/cli.ts';
import { makeIds, type PurgeBench, withPurge } from '../../support/purge/purge.ts';

type Json = Readonly<Record<string, unknown>>;

/** The one object on stdout. */
function jsonOf({ stdout }: CliResult): Json {
  expect(stdout.trimEnd()).not.toContain('\n');
  return JSON.parse(stdout) as Json;
}

/** What a value looks like: its fields with their types, whatever they hold. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shapeOf(one)]));
}

const COUNTS = { complete: 'boolean', rows: 'number', accepted: 'number', duplicates: 'number', protected: 'number', rejected: 'number' };
const SUMMARY = {
  job: 'string',
  state: 'string',
  account: 'string',
  baseUrl: 'string',
  digest: 'string',
  note: 'null',
  sources: [{ path: 'string', rows: 'number', accepted: 'number' }],
  intake: {
    ...COUNTS,
    skipped: 'number',
    suspicious: { 'mark-at-end': { count: 'number', example: 'string', source: 'string', line: 'number' } },
  },
  protectedBy: [{ rule: 'string', entries: 'number', held: 'number', near: 'number' }],
  backupFolders: [],
  outcomes: { deleted: 'number', absent: 'number', failed: 'number', planned: 'number' },
  pending: 'number',
  run: {
    deleted: 'number',
    absent: 'number',
    failed: 'number',
    requests: 'number',
    retries: 'number',
    throttled: 'number',
    elapsedMs: 'number',
    ratePerSecond: 'number',
  },
  exitCode: 'number',
  endedBecause: 'string',
  error: 'null',
};
const ERROR = { code: 'string', message: 'string', nextSteps: ['string'] };
const STATUS = {
  isRunning: 'boolean',
  lastWorkedAt: 'string',
  ratePerSecond: 'number',
  etaMs: 'null',
  missingShards: [],
  lastErrors: [],
};

const status = async (bench: PurgeBench, ...paths: readonly string[]): Promise<Json> =>
  jsonOf(await bench.run(['status', ...(paths.length === 0 ? ['ids.csv.checkpoint'] : paths), '--json']));

const listed = async (bench: PurgeBench, outcomes: string, ...more: readonly string[]): Promise<string[]> =>
  (await bench.run(['report', 'ids.csv.checkpoint', '--outcome', outcomes, ...more])).stdout.split(/\r?\n/).slice(0, -1);

describe('what is told of a purge', () => {
  it('is one JSON shape for plan, dry run, delete, resume and status, and why the last run ended', () =>
    withPurge({ rules: { poisonIds: [], refusedIds: ['image-000005'], firewallIds: [] } }, async (bench) => {
      bench.writeIds('ids.csv', [...makeIds(11), '“image-9']);
      bench.write('keep.txt', 'image-000010\nimage-000099\n');
      const list = ['ids.csv', '--exclude', 'keep.txt', '--base-url', bench.simulator.url];

      const rehearsed = await bench.run(['delete', ...list, '--dry-run', '--json']);
      expect(shapeOf(jsonOf(rehearsed))).toEqual(SUMMARY);
      const planned = await bench.run(['plan', ...list, '--json']);
      expect(shapeOf(jsonOf(planned))).toEqual(SUMMARY);
      expect(jsonOf(planned)).toMatchObject({
        state: 'planned',
        account: TEST_ACCOUNT,
        baseUrl: bench.simulator.url,
        sources: [{ path: 'ids.csv', rows: 12, accepted: 11 }],
        protectedBy: [{ rule: 'keep.txt', entries: 2, held: 1, near: 0 }],
        pending: 11,
        exitCode: 0,
        endedBecause: 'planned',
        error: null,
      });
      const root = `API root ${bench.simulator.url}, which is not Cloudflare's`;
      const told = (text: string): string => text.replaceAll(/: +| {2,}/g, ' ');
      for (const { stderr } of [rehearsed, planned]) {
        expect(told(stderr)).toContain(root);
        expect(told(stderr)).toContain('Sources ids.csv 12 rows, 11 IDs accepted');
        expect(told(stderr)).toContain('Protected keep.txt 2 entries, 1 ID held');
        expect(told(stderr)).toContain('To see all of them');
      }

      expect(await status(bench)).toMatchObject({ state: 'planned', exitCode: 0, endedBecause: 'planned', error: null });
      const plan = await listed(bench, 'planned,pending');
      expect(plan).toHaveLength(11);
      expect(plan[1]).toBe('{"id":"image-000001","outcome":"planned","source":"ids.csv","line":3}');
      const [header = '', , row = ''] = await listed(bench, 'planned', '--format', 'csv');
      expect(header.split(',').slice(0, 2)).toEqual(['id', 'outcome']);
      expect(row).toMatch(/^image-000001,planned,.*,ids\.csv,3,,$/);
      expect([await listed(bench, 'pending'), (await bench.run(['report', 'ids.csv.checkpoint'])).stdout.includes('planned')]).toEqual([
        [],
        false,
      ]);

      const limited = await bench.resume(['--yes', '--limit', '4']);
      expect(limited.exitCode).toBe(8);
      expect(shapeOf(jsonOf(limited))).toEqual(SUMMARY);
      expect(await status(bench)).toMatchObject({ state: 'unfinished', exitCode: 8, endedBecause: 'stopped by --limit', error: null });
      const left = await listed(bench, 'pending,protected');
      expect(left).toHaveLength(8);
      expect(left[0]).toBe('{"id":"image-000004","outcome":"pending","source":"ids.csv","line":6}');
      bench.write('left.ndjson', `${left.join('\n')}\n`);
      const again = await bench.run(['delete', 'left.ndjson', '--dry-run', '--json']);
      expect(jsonOf(again)).toMatchObject({ intake: { accepted: 7, skipped: 1 } });

      bench.simulator.revokeToken();
      const refused = await bench.resume();
      expect(refused.exitCode).toBe(3);
      expect(shapeOf(jsonOf(refused))).toEqual({ ...SUMMARY, error: ERROR });
      const stopped = await status(bench);
      expect(shapeOf(stopped)).toEqual({ ...SUMMARY, error: ERROR, status: STATUS });
      expect(stopped).toMatchObject({
        exitCode: 3,
        endedBecause: 'REFUSED_CREDENTIALS',
        error: { code: 'REFUSED_CREDENTIALS' },
        pending: 7,
      });
      expect(stopped['error']).toEqual(jsonOf(refused)['error']);
      const text = (await bench.run(['status', 'ids.csv.checkpoint'])).stdout;
      expect(text).toContain(`Ended       exit 3: at ${bench.simulator.url}, which is not Cloudflare's`);
      expect(told(text)).toContain(root);
      expect(told(text)).toContain('Sources ids.csv 12 rows, 11 IDs accepted');
    }));

  it('names the swapped lists where source and exclude file are swapped', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(30));
      bench.write('keep.txt', 'image-000003\nmine\n');
      const result = await bench.run(['delete', 'keep.txt', '--exclude', 'ids.csv', '--yes', '--base-url', bench.simulator.url]);
      expect(result.stderr).toContain('  source   keep.txt: 2 rows, 1 ID accepted\n');
      expect(result.stderr).toContain('  kept     ids.csv: 30 entries, 1 ID held\n');
    }));

  it('names each source, and its own share of the IDs', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('a.csv', makeIds(5));
      bench.write('b.txt', 'image-000001\nother-1\nother-2\n');
      const result = await bench.run(['delete', 'a.csv', 'b.txt', '--yes', '--json', '--base-url', bench.simulator.url]);
      const sources = [
        { path: 'a.csv', rows: 5, accepted: 5 },
        { path: 'b.txt', rows: 3, accepted: 2 },
      ];
      expect(jsonOf(result)).toMatchObject({ sources, exitCode: 0, endedBecause: 'finished' });
      expect(await status(bench, 'a.csv.checkpoint')).toMatchObject({ sources, exitCode: 0, endedBecause: 'finished' });
    }));

  it('does not call done what was not read to its end', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', 'id\nimage-1\nimage-2\n"open\n');
      const broken = await bench.delete();
      expect(broken.exitCode).toBe(5);
      const resumed = await bench.resume();
      expect(resumed.exitCode).toBe(5);
      expect(resumed.stderr).toContain('the list was not read to its end, so there may be more');
      expect(resumed.stderr).not.toContain('0 are left.');
      expect(await status(bench)).toMatchObject({ state: 'unfinished', exitCode: 5, endedBecause: 'SOURCE_NOT_READ' });
    }));
});

describe('--json', () => {
  it('prints one object at every ending, with an error where there was one', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      bench.writeIds('other.csv', makeIds(4, 'other'));
      bench.write('keep.txt', 'a URL: https://example.com/\n');
      const root = ['--base-url', bench.simulator.url];
      const wrongRoot = ['--base-url', bench.simulator.url.replace('/client/v4', '/elsewhere')];
      const done = { ...jsonOf(await bench.delete(['--checkpoint', 'done'])) };
      bench.writeIds('begun.csv', makeIds(3, 'begun'));
      await bench.run(['delete', 'begun.csv', '--yes', '--limit', '1', ...root, '--checkpoint', 'begun']);
      const endings: readonly (readonly [exitCode: number, code: string | null, args: readonly string[]])[] = [
        [8, null, ['delete', 'ids.csv', '--yes', '--max-duration', '1ms', ...root, '--checkpoint', 'c8']],
        [7, 'OTHER_LIST', ['delete', 'other.csv', '--yes', ...root, '--checkpoint', 'begun']],
        [7, 'MIN_IDS', ['delete', 'ids.csv', '--yes', '--min-ids', '9', ...root, '--checkpoint', 'c7']],
        [2, 'NO_TERMINAL', ['delete', 'ids.csv', ...root]],
        [2, 'EXCLUDE', ['delete', 'ids.csv', '--yes', '--exclude', 'missing.txt', ...root, '--checkpoint', 'c2']],
        [5, 'SOURCE', ['delete', 'missing.csv', '--yes', ...root]],
        [3, 'REFUSED', ['delete', 'ids.csv', '--yes', ...wrongRoot, '--checkpoint', 'c3']],
        [5, 'CHECKPOINT_MISSING', ['resume', 'missing.checkpoint']],
        [5, 'CHECKPOINT', ['status', 'missing.checkpoint']],
        [2, 'STDOUT_TWICE', ['delete', 'ids.csv', '--yes', '--report', '-', ...root]],
      ];
      for (const [exitCode, code, args] of endings) {
        const result = await bench.run([...args, '--json']);
        expect([args, result.exitCode]).toEqual([args, exitCode]);
        const told = jsonOf(result);
        expect(told['exitCode']).toBe(exitCode);
        expect(Object.keys(told).sort()).toEqual(Object.keys(done).sort());
        if (code === null) expect(told['error']).toBeNull();
        else
          expect(told['error']).toMatchObject({ code: expect.stringContaining(code) as unknown, message: expect.any(String) as unknown });
      }
      // A refused run is none of the purge's.
      expect(await status(bench, 'begun')).toMatchObject({ exitCode: 8, endedBecause: 'stopped by --limit', pending: 2 });
    }));

  it.each([
    ['a refusal that is believed at once', 9109, 3],
    ['not one that could not be confirmed any more', 10000, 8],
  ])('tells of several endings the weightiest, %s', (_, code, exitCode) =>
    withPurge({ rules: { poisonIds: [], refusedIds: ['image-000000'], firewallIds: [] } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(6));
      expect((await bench.delete(['--limit', '2'])).exitCode).toBe(8);
      // While --max-failures lets what is in flight be answered, the token is refused.
      bench.simulator.override(({ id }) => (id === 'image-000002' ? failure(401, code, 'no') : undefined));
      const refused = await bench.resume(['--retry-failed', '--max-failures', '0', '--concurrency', '2']);
      expect(refused.exitCode).toBe(exitCode);
    }),
  );
});

describe('status and report of several checkpoints', () => {
  it('count each once, tell the missing shards, and refuse what cannot be added up', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(40));
      const names = [0, 1, 2].map((index) => `s${index}`);
      for (const [index, name] of names.entries()) await bench.delete(['--shard', `${index}/4`, '--checkpoint', name]);
      const missing = await status(bench, ...names);
      expect(missing).toMatchObject({ state: 'unfinished', exitCode: 0, status: { missingShards: [{ index: 3, count: 4 }] } });
      expect((await bench.run(['status', ...names])).stdout).toMatch(/^State +unfinished.*\n +shard 3 of 4 is missing here$/m);

      symlinkSync(bench.path('s1'), bench.path('link'));
      linkSync(bench.path('s1'), bench.path('hard'));
      const twice = await status(bench, 's0', 's1', 'link', 'hard', './s1', 's2');
      expect(twice).toEqual(missing);
      const report = async (...paths: readonly string[]): Promise<CliResult> => bench.run(['report', ...paths]);
      expect((await report('s0', 's1', 'link', 's2')).stdout).toBe((await report(...names)).stdout);

      await bench.delete(['--shard', '3/4', '--checkpoint', 's3']);
      expect(await status(bench, ...names, 's3')).toMatchObject({
        state: 'finished',
        sources: [{ path: 'ids.csv', rows: 40, accepted: 40 }],
        status: { missingShards: [] },
      });

      const account = 'a'.repeat(32);
      await bench.run(['plan', 'ids.csv', '--checkpoint', 'other', '--account-id', account]);
      await bench.run(['plan', 'ids.csv', '--checkpoint', 'elsewhere']);
      copyFileSync(bench.path('s0'), bench.path('copy'));
      for (const command of ['status', 'report']) {
        const accounts = await bench.run([command, 's0', 'other']);
        expect([accounts.exitCode, accounts.stdout]).toEqual([2, '']);
        expect(accounts.stderr).toContain(`s0 and other are purges of two accounts (${TEST_ACCOUNT}, ${account})`);
        const roots = await bench.run([command, 's0', 'elsewhere']);
        expect(roots.exitCode).toBe(2);
        expect(roots.stderr).toContain('purges of two API roots');
        const copies = await bench.run([command, 's0', 's1', 'copy']);
        expect(copies.exitCode).toBe(2);
        expect(copies.stderr).toContain('s0 and copy hold the same purge; it would be counted twice');
      }
    }));
});
