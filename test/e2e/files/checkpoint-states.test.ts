import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { describe, expect, it } from 'vitest';

import { suggestedCommands } from '../../support/cli/pasted.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

const OTHER_ACCOUNT = { env: { CLOUDFLARE_ACCOUNT_ID: 'a'.repeat(32) } };

/** Leaves an unfinished purge with 10 of 100 IDs deleted, intake complete. */
async function leaveUnfinished(bench: PurgeBench): Promise<void> {
  bench.writeIds('ids.csv', makeIds(100));
  expect((await bench.delete(['--limit', '10'])).exitCode).toBe(8);
}

/** Leaves a purge killed while its intake still read from a pipe. */
async function leaveIntakeUnfinished(bench: PurgeBench, ids: readonly string[]): Promise<void> {
  const running = bench.startPipe(['--checkpoint', 'ids.csv.checkpoint']);
  // The parser keeps the last row back until it has seen what follows it.
  running.child.stdin?.write(`id\n${ids.join('\n')}\nheld-back\n`);
  await bench.simulator.whenRequests(ids.length + 1);
  await bench.untilPending(0);
  running.child.kill('SIGKILL');
  await running.finished;
}

const setAside = (bench: PurgeBench): string[] => readdirSync(bench.folder).filter((name) => /\.\d{8}T\d{6}Z(-\d+)?$/.test(name));

describe('found at --checkpoint', () => {
  it('something that is no checkpoint: exit 5, untouched', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      for (const content of ['hello, world. this is no database', '']) {
        bench.write('ids.csv.checkpoint', content);
        const result = await bench.delete();
        expect(result.exitCode).toBe(5);
        expect(result.stderr).toContain('not a checkpoint');
        expect(bench.read('ids.csv.checkpoint')).toBe(content);
      }
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it('another program’s database: exit 5, untouched', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      const db = new DatabaseSync(bench.path('ids.csv.checkpoint'));
      db.exec('CREATE TABLE mine (x)');
      db.close();
      const before = statSync(bench.path('ids.csv.checkpoint')).mtimeMs;
      expect((await bench.delete()).exitCode).toBe(5);
      expect(statSync(bench.path('ids.csv.checkpoint')).mtimeMs).toBe(before);
    }));

  it('a newer version’s: exit 5, untouched', () =>
    withPurge({}, async (bench) => {
      await leaveUnfinished(bench);
      const db = new DatabaseSync(bench.path('ids.csv.checkpoint'));
      db.exec('PRAGMA user_version = 99');
      db.close();
      const result = await bench.delete();
      expect(result.exitCode).toBe(5);
      expect(result.stderr).toContain('newer images-purge');
      expect(bench.deleteCount).toBe(10);
    }));

  it('a plan of another list: exit 7 naming both ways on; --supersede sets it aside', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5, 'old'));
      const plan = await bench.run(['plan', 'ids.csv', '--json', '--base-url', bench.simulator.url]);
      expect(plan.exitCode).toBe(0);
      expect(summaryOf(plan)).toMatchObject({ state: 'planned', pending: 5 });
      expect(bench.simulator.record.requestCount).toBe(0);
      bench.writeIds('ids.csv', makeIds(5, 'new'));
      const refused = await bench.delete();
      expect(refused.exitCode).toBe(7);
      expect(refused.stderr).toMatch(/Carry it out: +images-purge resume .*ids\.csv\.checkpoint/);
      expect(refused.stderr).toContain('--supersede');
      expect(bench.simulator.record.requestCount).toBe(0);
      expect((await bench.delete(['--supersede'])).exitCode).toBe(0);
      expect([...bench.simulator.record.deleted].sort()).toEqual(makeIds(5, 'new'));
      expect([...bench.outcomes().keys()].sort()).toEqual(makeIds(5, 'new'));
      expect(setAside(bench)).not.toEqual([]);
    }));

  it('a plan of the same list: delete carries it out, plan makes it again', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      const plan = ['plan', 'ids.csv', '--json', '--base-url', bench.simulator.url];
      const first = summaryOf(await bench.run(plan));
      const second = summaryOf(await bench.run(plan));
      expect(second.job).not.toBe(first.job);
      expect(summaryOf(await bench.delete())).toMatchObject({ job: second.job, state: 'finished', outcomes: { deleted: 5 } });
      expect(setAside(bench)).toEqual([]);
    }));

  it('a plan: resume carries it out, with --yes or not at all', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url]);
      expect((await bench.resume()).exitCode).toBe(2);
      expect(bench.deleteCount).toBe(0);
      expect((await bench.resume(['--yes'])).exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(5);
    }));

  it('a purge that ended by itself without any outcome is replaced, even for another account', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      expect((await bench.delete(['--min-ids', '10'], OTHER_ACCOUNT)).exitCode).toBe(7);
      expect((await bench.delete([], OTHER_ACCOUNT)).stderr).toContain('protected by --min-ids 10');
      expect((await bench.delete(['--drop-guards'], OTHER_ACCOUNT)).exitCode).toBe(3);
      expect((await bench.delete()).exitCode).toBe(0);
      expect(setAside(bench)).toEqual([]);
    }));

  it('another account’s or another API root’s: exit 7, nothing sent, resume too', () =>
    withPurge({}, async (bench) => {
      await leaveUnfinished(bench);
      for (const result of [
        await bench.delete([], OTHER_ACCOUNT),
        await bench.resume([], OTHER_ACCOUNT),
        await bench.resume(['--base-url', 'https://example.com/v4']),
      ]) {
        expect(result.exitCode).toBe(7);
      }
      expect(bench.deleteCount).toBe(10);
    }));

  it('a finished one: a new purge, the old pair renamed to its finish time, at most --keep of them', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      for (let run = 0; run < 4; run++) expect((await bench.delete(['--expect-absent', '--keep', '2'])).exitCode).toBe(0);
      const names = setAside(bench);
      expect(names.filter((name) => name.includes('report'))).toHaveLength(2);
      expect(names.filter((name) => !name.includes('report'))).toHaveLength(2);
      const [pair = ''] = names.filter((name) => !name.includes('report'));
      const report = await bench.run(['report', pair]);
      expect(report.exitCode).toBe(0);
      expect(report.stdout.split('\n')).toHaveLength(4);
    }));

  it('unfinished, same contents under another path: goes on and sends nothing twice', () =>
    withPurge({}, async (bench) => {
      await leaveUnfinished(bench);
      bench.writeIds('copy.csv', makeIds(100));
      const result = await bench.run(bench.deleteArgs('copy.csv', '--checkpoint', 'ids.csv.checkpoint'));
      expect(result.exitCode).toBe(0);
      expect(bench.deleteCount).toBe(100);
      expect(bench.outcomes().size).toBe(100);
    }));

  it('unfinished, intake complete, another source: exit 7 naming both ways on; --supersede sets it aside', () =>
    withPurge({}, async (bench) => {
      await leaveUnfinished(bench);
      bench.writeIds('ids.csv', makeIds(5, 'other'));
      const refused = await bench.delete();
      expect(refused.exitCode).toBe(7);
      expect(refused.stderr).toMatch(/of another list \(ids\.csv, 90 IDs left\); nothing was sent\.\n +Finishing it deletes 90 IDs/);
      expect(suggestedCommands(refused)).toEqual([
        expect.stringContaining(`images-purge resume ${bench.path('ids.csv.checkpoint')} `),
        expect.stringMatching(/^images-purge delete .* --supersede$/),
      ]);
      expect(bench.deleteCount).toBe(10);
      expect((await bench.delete(['--supersede'])).exitCode).toBe(0);
      expect(bench.deleteCount).toBe(15);
      expect(setAside(bench)).toHaveLength(2);
    }));

  it('unfinished, the same bytes read with another --column: another source', () =>
    withPurge({}, async (bench) => {
      bench.write(
        'ids.csv',
        `id,image_id\n${makeIds(50)
          .map((id) => `${id},x-${id}`)
          .join('\n')}\n`,
      );
      expect((await bench.delete(['--column', 'id', '--limit', '10'])).exitCode).toBe(8);
      expect((await bench.delete(['--column', 'image_id'])).exitCode).toBe(7);
    }));

  it('unfinished, intake complete, from standard input: always another source', () =>
    withPurge({}, async (bench) => {
      await leaveUnfinished(bench);
      const result = await bench.startPipe(['--checkpoint', 'ids.csv.checkpoint'], `id\n${makeIds(100).join('\n')}\n`).finished;
      expect(result.exitCode).toBe(7);
    }));

  it('intake unfinished and another source: outcomes stay, what is not met again is dropped and never sent', () =>
    withPurge({}, async (bench) => {
      await leaveIntakeUnfinished(bench, makeIds(20));
      bench.writeIds('ids.csv', [...makeIds(5), ...makeIds(3, 'new')]);
      const result = await bench.delete();
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result)).toMatchObject({ state: 'finished', intake: { rows: 23, accepted: 23 }, outcomes: { deleted: 23 } });
      expect(bench.deleteCount).toBe(23);
      expect(bench.outcomes().size).toBe(23);
    }));

  it('intake unfinished: resume carries out what was accepted, stays unfinished and exits 5 naming the source', () =>
    withPurge({}, async (bench) => {
      await leaveIntakeUnfinished(bench, makeIds(20));
      const result = await bench.resume();
      expect(result.exitCode).toBe(5);
      expect(summaryOf(result)).toMatchObject({ state: 'unfinished', pending: 0, intake: { complete: false } });
    }));

  it('intake unfinished: resume --limit with IDs left exits 8, and 5 only when what was accepted has been carried out', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', `id\n${makeIds(10).join('\n')}\n"open\n`);
      expect((await bench.delete()).exitCode).toBe(5);
      const limited = await bench.resume(['--limit', '4']);
      expect(summaryOf(limited)).toMatchObject({ state: 'unfinished', pending: 6, exitCode: 8 });
      expect(limited.stderr).toContain('Stopped by --limit');
      expect(summaryOf(await bench.resume())).toMatchObject({ state: 'unfinished', pending: 0, exitCode: 5 });
    }));

  it('older than --max-age: exit 7, nothing sent', () =>
    withPurge({}, async (bench) => {
      await leaveUnfinished(bench);
      const db = new DatabaseSync(bench.path('ids.csv.checkpoint'));
      db.exec('UPDATE state SET last_worked_at_ms = last_worked_at_ms - 8 * 86400000');
      db.close();
      for (const result of [await bench.delete(), await bench.resume()]) {
        expect(result.exitCode).toBe(7);
        expect(result.stderr).toContain('--max-age');
      }
      expect((await bench.resume(['--max-age', '9d'])).exitCode).toBe(0);
    }));

  it('plan on an unfinished purge with outcomes: exit 7, nothing touched', () =>
    withPurge({}, async (bench) => {
      await leaveUnfinished(bench);
      expect((await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url])).exitCode).toBe(7);
      expect((await bench.delete()).exitCode).toBe(0);
      expect(bench.deleteCount).toBe(100);
    }));
});

describe('the report', () => {
  it('that was there before and is somebody else’s is never touched: exit 2', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      bench.write('mine.txt', 'precious');
      const result = await bench.delete(['--report', 'mine.txt']);
      expect(result.exitCode).toBe(2);
      expect(bench.read('mine.txt')).toBe('precious');
      expect(bench.deleteCount).toBe(0);
    }));

  it.each([
    ['removed', (bench: PurgeBench): void => writeFileSync(bench.path('ids.csv.checkpoint.report.ndjson'), '')],
    [
      'cut in the middle of a line',
      (bench: PurgeBench): void =>
        bench.write('ids.csv.checkpoint.report.ndjson', bench.read('ids.csv.checkpoint.report.ndjson').slice(0, -20)),
    ],
    ['overwritten', (bench: PurgeBench): void => bench.write('ids.csv.checkpoint.report.ndjson', 'x'.repeat(5_000))],
    [
      'appended to',
      (bench: PurgeBench): void =>
        bench.write('ids.csv.checkpoint.report.ndjson', `${bench.read('ids.csv.checkpoint.report.ndjson')}{"id":"half`),
    ],
  ])('that was %s between runs holds exactly one line for each ID in the end', (_, damage) =>
    withPurge({}, async (bench) => {
      await leaveUnfinished(bench);
      damage(bench);
      expect((await bench.delete()).exitCode).toBe(0);
      expect(bench.outcomes().size).toBe(100);
      expect(bench.deleteCount).toBe(100);
    }),
  );

  it('is recorded: resume goes on with it, and another one given gets the whole report', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(30));
      await bench.delete(['--limit', '10', '--report', 'first.ndjson']);
      await bench.resume(['--limit', '10']);
      expect(bench.outcomes('first.ndjson').size).toBe(20);
      expect((await bench.resume(['--report', 'second.ndjson'])).exitCode).toBe(0);
      expect(bench.outcomes('second.ndjson').size).toBe(30);
      expect(existsSync(bench.path('ids.csv.checkpoint.report.ndjson'))).toBe(false);
    }));

  it('goes to stdout with -, and nothing else does', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(30));
      const result = await bench.delete(['--report', '-']);
      expect(result.exitCode).toBe(0);
      expect(
        result.stdout
          .trimEnd()
          .split('\n')
          .map((line) => (JSON.parse(line) as { id: string }).id)
          .sort(),
      ).toEqual(makeIds(30));
    }));

  it('with --retry-failed, failed IDs are tried again and get one more line', () =>
    withPurge({ rules: { poisonIds: [], refusedIds: [], firewallIds: [] } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(10));
      bench.simulator.override(({ id }) =>
        id === 'image-000004'
          ? { status: 400, headers: {}, body: '{"success":false,"errors":[{"code":5400,"message":"Bad request"}]}' }
          : undefined,
      );
      expect((await bench.delete()).exitCode).toBe(1);
      bench.simulator.override(undefined);
      expect((await bench.resume(['--retry-failed'])).exitCode).toBe(0);
      expect(
        bench
          .report()
          .filter(({ id }) => id === 'image-000004')
          .map(({ outcome }) => outcome),
      ).toEqual(['failed', 'deleted']);
      expect(bench.report()).toHaveLength(11);
    }));

  it('of several checkpoints merge, as CSV and by outcome too', () =>
    withPurge({ rules: { poisonIds: [], refusedIds: ['image-000001'], firewallIds: [] } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      bench.writeIds('more.csv', makeIds(3, 'more'));
      await bench.delete();
      await bench.run(['delete', 'more.csv', '--yes', '--rate', 'unlimited', '--base-url', bench.simulator.url]);
      const both = await bench.run(['report', 'ids.csv.checkpoint', 'more.csv.checkpoint', '--format', 'csv', '-o', 'all.csv']);
      expect(both).toMatchObject({ exitCode: 0, stdout: '' });
      expect(bench.read('all.csv').trimEnd().split('\r\n')).toHaveLength(7);
      const failed = await bench.run(['report', 'ids.csv.checkpoint', '--outcome', 'failed']);
      expect(JSON.parse(failed.stdout)).toMatchObject({ id: 'image-000001', outcome: 'failed' });
    }));

  it('is a source: failed lines are taken, done ones passed over', () =>
    withPurge({ rules: { poisonIds: [], refusedIds: ['image-000001'], firewallIds: [] } }, async (bench) => {
      bench.writeIds('ids.csv', [...makeIds(5), '..']);
      await bench.delete();
      const again = await bench.run(bench.deleteArgs('ids.csv.checkpoint.report.ndjson', '--checkpoint', 'again.checkpoint', '--json'));
      expect(summaryOf(again)).toMatchObject({ intake: { rows: 6, accepted: 1, skipped: 5, rejected: 0 } });
    }));
});
