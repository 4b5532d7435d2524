import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { TEST_TOKEN } from '../../support/cli/cli.ts';
import { makeIds, summaryOf, withPurge } from '../../support/purge/purge.ts';

const NEVER_SENT = [
  '.',
  '..',
  'variants',
  'variants/x',
  'keys',
  'keys/main',
  'stats',
  'batch_token',
  'config',
  'direct_upload',
  '/lead',
  'trail/',
  'https://example.com/x',
  'a\u0000b',
  'a\u001bb',
  'bad\uFFFD',
  'x'.repeat(1_025),
];
const SENT = [
  'a/b',
  '%2F',
  'a%2Fb',
  'what?x=1',
  'frag#ment',
  'back\\slash',
  '../up',
  './here',
  'a/../b',
  'a b',
  '👩‍🚀',
  'é',
  'e\u0301',
  'x'.repeat(1_024),
  '👍'.repeat(1_024),
  "quote'()*!~",
  'variantsx',
  'Keys',
  'semi;colon',
  '=1+1',
  '%',
  '\u202Ertl',
];

describe('hostile IDs', () => {
  it('are sent as exactly one percent-encoded segment, or not at all', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.ndjson', [...SENT, ...NEVER_SENT].map((id) => `${JSON.stringify({ id })}\n`).join(''));
      const result = await bench.run(['delete', 'ids.ndjson', '--yes', '--json', '--rate', 'unlimited', '--base-url', bench.simulator.url]);
      expect(result.exitCode).toBe(1);
      expect(summaryOf(result)).toMatchObject({
        intake: { accepted: SENT.length, rejected: NEVER_SENT.length },
        outcomes: { deleted: SENT.length },
      });
      const { record } = bench.simulator;
      expect(record.deleted).toEqual(new Set(SENT));
      expect(record.siblingHits).toEqual([]);
      const prefix = '/client/v4/accounts/0123456789abcdef0123456789abcdef/images/v1/';
      for (const { method, rawUrl } of record.requests) {
        if (method !== 'DELETE') continue;
        expect(rawUrl.startsWith(prefix)).toBe(true);
        expect(rawUrl.slice(prefix.length)).toMatch(/^[A-Za-z0-9\-_.!~*'()%]+$/);
      }
    }));

  it('show escaped on stderr, never raw', () =>
    withPurge({ images: { kind: 'any' } }, async (bench) => {
      bench.simulator.override(({ method }) =>
        method === 'DELETE'
          ? {
              status: 400,
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify({ success: false, errors: [{ code: 5400, message: 'bad \u001b[31mred\u202E' }] }),
            }
          : undefined,
      );
      bench.write('ids.txt', 'plain\u202Eid\n');
      const result = await bench.run(['delete', 'ids.txt', '--yes', '--rate', 'unlimited', '--base-url', bench.simulator.url]);
      expect(result.exitCode).toBe(1);
      // JSON escapes control characters in the log; the ending's text escapes them itself.
      expect(result.stderr).not.toContain('\u001b');
      expect(result.stderr.split('Done in')[1]).not.toContain('\u202E');
    }));
});

describe('protected IDs', () => {
  it('are never sent, whichever list they stand on, as delivery URLs too', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(10));
      bench.write('keep.txt', 'image-000001\nhttps://imagedelivery.net/Vi7wi5KSItxGFsWRG2Us6Q/image-000002/public\n');
      bench.write('more.csv', 'name,image_id\nx,image-000003\n');
      const result = await bench.delete(['--exclude', 'keep.txt', '--exclude', 'more.csv']);
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result)).toMatchObject({ intake: { rows: 10, accepted: 7, protected: 3 } });
      expect([...bench.simulator.record.deleteRequests.keys()]).not.toEqual(expect.arrayContaining(['image-000001']));
      expect(bench.report().filter(({ outcome }) => outcome === 'protected')).toHaveLength(3);
    }));

  it('a list that is missing, empty, broken or holds a bad row stops everything: exit 2', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      bench.write('empty.txt', '');
      bench.write('bad.txt', 'good\n..\n');
      bench.write('broken.csv', 'id\n"open\n');
      for (const list of ['missing.txt', 'empty.txt', 'bad.txt', 'broken.csv']) {
        const result = await bench.delete(['--exclude', list]);
        expect(result.exitCode).toBe(2);
        expect(result.stderr).toContain(list);
      }
      expect(bench.simulator.record.requestCount).toBe(0);
      expect((await bench.delete(['--exclude', 'empty.txt', '--allow-empty-exclude'])).exitCode).toBe(0);
    }));

  it('protect what is still pending when a purge goes on, also by resume', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(20));
      await bench.delete(['--limit', '5']);
      bench.write('keep.txt', `${makeIds(20).slice(0, 10).join('\n')}\n`);
      const result = await bench.resume(['--exclude', 'keep.txt']);
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result)).toMatchObject({ outcomes: { deleted: 15 }, intake: { protected: 5, accepted: 15 } });
      expect(bench.outcomes().size).toBe(20);
      expect(bench.simulator.record.deleted.size).toBe(15);
    }));
});

describe('a dry run', () => {
  it('sends nothing and leaves nothing', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      const result = await bench.run(['delete', 'ids.csv', '--dry-run', '--json', '--base-url', bench.simulator.url], {
        env: { CLOUDFLARE_API_TOKEN: '' },
      });
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result)).toMatchObject({ outcomes: { planned: 5 }, pending: 0 });
      expect(readdirSync(bench.folder)).toEqual(['ids.csv']);
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it('writes a long report to stdout piece by piece, each ID once', () =>
    withPurge({}, async (bench) => {
      const ids = makeIds(50_000);
      bench.writeIds('ids.csv', ids);
      const result = await bench.run(['delete', 'ids.csv', '--dry-run', '--report', '-']);
      expect(result.exitCode).toBe(0);
      const lines = result.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { id: string; outcome: string });
      expect(lines.map(({ id }) => id)).toEqual(ids);
      expect(lines.every(({ outcome }) => outcome === 'planned')).toBe(true);
    }));

  it('writes a report where one is asked for, which is a source again', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      await bench.run(['delete', 'ids.csv', '--dry-run', '--report', 'plan.ndjson']);
      expect([...bench.outcomes('plan.ndjson').values()]).toEqual(Array.from({ length: 5 }, () => 'planned'));
      const result = await bench.run(['delete', 'plan.ndjson', '--yes', '--rate', 'unlimited', '--base-url', bench.simulator.url]);
      expect(result.exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(5);
    }));
});

describe('secrets', () => {
  it('are in no output, file or process title', () =>
    withPurge({ latencyMs: 20 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(300));
      const running = bench.startDelete(['--log-file', 'run.log', '--log-level', 'trace']);
      await bench.simulator.whenRequests(30);
      const title = execFileSync('ps', ['-o', 'args=', '-p', String(running.child.pid)]).toString();
      const commandLine = readFileSync(`/proc/${running.child.pid}/cmdline`, 'utf8');
      const result = await running.finished;
      expect(result.exitCode).toBe(0);
      for (const text of [title, commandLine, result.stdout, result.stderr]) expect(text).not.toContain(TEST_TOKEN);
      for (const name of readdirSync(bench.folder)) {
        expect(bench.read(name)).not.toContain(TEST_TOKEN);
        if (name !== 'ids.csv') expect(statSync(bench.path(name)).mode & 0o777).toBe(0o600);
      }
    }));
});
