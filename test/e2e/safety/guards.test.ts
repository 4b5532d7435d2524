import { gzipSync } from 'node:zlib';
import { writeFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { contradictions } from '../../support/purge/oracle.ts';
import { makeIds, summaryOf, withPurge } from '../../support/purge/purge.ts';

/** So long that IDs are accepted, and without a guard sent, long before the list has been read to its end. */
const LONG_LIST = makeIds(20_000);

describe('a guard', () => {
  it.each([
    ['--min-ids 20001', 7],
    ['--max-deletes 19999', 7],
    ['--max-deletes 50%', 7],
    ['--strict', 7],
  ])('%s waits for the end of a long list: exit %i, and nothing is sent', (guard, exitCode) =>
    withPurge({ statsCount: 30_000 }, async (bench) => {
      bench.write('ids.csv', `id\n${LONG_LIST.join('\n')}\nvariants/hero\n`);
      const result = await bench.delete(guard.split(' '));
      expect(result.exitCode).toBe(exitCode);
      expect(summaryOf(result)).toMatchObject({ intake: { complete: true, accepted: 20_000, rejected: 1 } });
      expect(bench.deleteCount).toBe(0);
    }),
  );

  it('given when going on is added to those on record', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(10));
      expect((await bench.delete(['--limit', '1', '--max-deletes', '20'])).exitCode).toBe(8);
      const refused = await bench.delete(['--max-deletes', '5']);
      expect(refused.exitCode).toBe(7);
      expect(refused.stderr).toContain('more than --max-deletes 5');
      expect(bench.deleteCount).toBe(1);
    }));

  it.each(['--min-ids 3', '--max-deletes 100', '--max-deletes 100%', '--strict'])(
    '%s on record keeps resume from what was accepted of a list that was not read to its end: exit 7',
    (guard) =>
      withPurge({}, async (bench) => {
        bench.write('ids.csv', `id\n${makeIds(10).join('\n')}\n"open\n`);
        expect((await bench.delete(guard.split(' '))).exitCode).toBe(5);
        const resumed = await bench.resume(['--yes']);
        expect(resumed.exitCode).toBe(7);
        expect(bench.deleteCount).toBe(0);
      }),
  );
});

describe('a list that protects', () => {
  it.each<[string, () => Uint8Array]>([
    ['breaks off in an open quote', () => Buffer.from(`id\n${LONG_LIST.join('\n')}\n"open\n`)],
    ['is packed and cut short', () => gzipSync(`id\n${LONG_LIST.join('\n')}\n`).subarray(0, -2_000)],
    ['ends in what is no text', () => Buffer.concat([Buffer.from(`id\n${LONG_LIST.join('\n')}\n`), Buffer.from([0xff, 0x0a])])],
  ])('and %s after thousands of good rows: exit 2, nothing sent', (_, content) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', ['other', ...makeIds(5)]);
      writeFileSync(bench.path('keep.csv'), content());
      const result = await bench.delete(['--exclude', 'keep.csv']);
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toMatch(/the exclude file keep\.csv cannot be used: .*line/);
      expect(bench.deleteCount).toBe(0);
    }),
  );

  it.each([
    ['keep.txt', ';;\nid;name;url\nimage-000003;x;y\n'],
    ['keep.tsv', '\t\t\nid\tname\turl\nimage-000003\tx\ty\n'],
  ])('and begins with a row of empty cells, as %s does, is no list of its whole rows: exit 2, nothing sent', (name, content) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      bench.write(name, content);
      const result = await bench.delete(['--exclude', name]);
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toContain(
        `the exclude file ${name} cannot be used: ${name}, line 2: the columns are named here, but a line stands above`,
      );
      expect(bench.deleteCount).toBe(0);
    }),
  );

  it('holds for failed IDs that resume --retry-failed puts back', () => {
    const ids = makeIds(10);
    const [first = '', second = ''] = ids;
    return withPurge({ rules: { poisonIds: [], refusedIds: [first, second], firewallIds: [] } }, async (bench) => {
      bench.writeIds('ids.csv', ids);
      expect((await bench.delete()).exitCode).toBe(1);
      bench.write('keep.txt', `${first}\n`);
      const retried = await bench.resume(['--retry-failed', '--exclude', 'keep.txt']);
      expect(retried.exitCode).toBe(1);
      expect(bench.simulator.record.deleteRequests.get(first)).toBe(1);
      expect(bench.simulator.record.deleteRequests.get(second)).toBe(2);
      expect(summaryOf(retried)).toMatchObject({ intake: { protected: 1 }, outcomes: { failed: 1, deleted: 8 } });
    });
  });
});

describe('what is sent and never answered', () => {
  it('is remembered when it is given up after the 7 s of a stop: the next run calls its absence our own', () =>
    withPurge({}, async (bench) => {
      const ids = makeIds(40);
      bench.writeIds('ids.csv', ids);
      // The work is done, and the answer never comes.
      bench.simulator.override(({ id }) => (id !== undefined && id >= 'image-000020' ? 'hangAfter' : undefined));
      const running = bench.startDelete(['--concurrency', '8']);
      await bench.simulator.whenRequests(22);
      running.child.kill('SIGTERM');
      expect((await running.finished).exitCode).toBe(143);
      bench.simulator.override(() => undefined);
      expect((await bench.delete(['--fail-on-absent'])).exitCode).toBe(0);
      expect(contradictions(bench, { accepted: ids })).toEqual([]);
    }));
});
