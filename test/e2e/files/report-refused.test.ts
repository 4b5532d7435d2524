import { readdirSync, readFileSync, symlinkSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { makeIds, type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

/** Everything in the folder, byte by byte. */
function folderOf(bench: PurgeBench): Record<string, string> {
  const names = readdirSync(bench.folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(bench.path(name), 'base64')]));
}

/** Expects the run to end with exit 2 and this code, and to leave no trace of itself, neither here nor at the API. */
async function expectUntouched(
  bench: PurgeBench,
  run: () => Promise<{ exitCode: number | null; stdout: string; stderr: string }>,
  says: string,
): Promise<void> {
  const before = folderOf(bench);
  const requestCount = bench.simulator.record.requestCount;
  const result = await run();
  expect(result.exitCode).toBe(2);
  // With --json: how it ended, and no purge.
  expect(result.stdout).toMatch(/^(?:\{"job":null,.*"exitCode":2,.*\}\n)?$/);
  expect(result.stderr).toContain(says);
  expect(folderOf(bench)).toEqual(before);
  expect(bench.simulator.record.requestCount).toBe(requestCount);
}

const plan = (bench: PurgeBench, more: readonly string[] = []): ReturnType<PurgeBench['run']> =>
  bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url, ...more]);

describe('a report that is somebody else’s', () => {
  const FOREIGN = ['--report', 'mine.txt'];
  const SAYS = 'mine.txt exists already';

  it('leaves no checkpoint behind where none was', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      bench.write('mine.txt', 'precious');
      await expectUntouched(bench, () => bench.delete(FOREIGN), SAYS);
      await expectUntouched(bench, () => plan(bench, FOREIGN), SAYS);
    }));

  it('leaves a plan as it was, to be carried out', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      bench.write('mine.txt', 'precious');
      await plan(bench);
      await expectUntouched(bench, () => bench.delete(FOREIGN), SAYS);
      await expectUntouched(bench, () => plan(bench, FOREIGN), SAYS);
      expect((await bench.resume(['--yes'])).exitCode).toBe(0);
    }));

  it('leaves a finished pair where it is', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      bench.write('mine.txt', 'precious');
      await bench.delete();
      await expectUntouched(bench, () => bench.delete(FOREIGN), SAYS);
    }));

  it('leaves an unfinished purge of another list where it is, in spite of --supersede', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      bench.write('mine.txt', 'precious');
      await bench.delete(['--limit', '1']);
      bench.writeIds('ids.csv', makeIds(3, 'other'));
      await expectUntouched(bench, () => bench.delete(['--supersede', ...FOREIGN]), SAYS);
    }));

  it('leaves no guard behind in the purge that would have gone on', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(6));
      bench.write('mine.txt', 'precious');
      await bench.delete(['--limit', '2']);
      await expectUntouched(bench, () => bench.delete(['--max-deletes', '3', ...FOREIGN]), SAYS);
      expect((await bench.delete()).exitCode).toBe(0);
    }));

  it('leaves failed IDs failed, in spite of --retry-failed', () =>
    withPurge({ rules: { poisonIds: [], refusedIds: ['image-000001'], firewallIds: [] } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      bench.write('mine.txt', 'precious');
      expect((await bench.delete()).exitCode).toBe(1);
      await expectUntouched(bench, () => bench.resume(['--retry-failed', ...FOREIGN]), SAYS);
      expect(summaryOf(await bench.run(['status', 'ids.csv.checkpoint', '--json']))).toMatchObject({
        state: 'finished',
        outcomes: { failed: 1 },
      });
    }));
});

describe('a report that goes to stdout since the purge was begun', () => {
  const SAYS = 'goes to stdout';

  async function begun(work: (bench: PurgeBench) => Promise<void>): Promise<void> {
    await withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(6));
      expect((await bench.delete(['--report', '-', '--limit', '2'])).exitCode).toBe(8);
      await work(bench);
    });
  }

  it('does not share it with --json, whichever command goes on', () =>
    begun(async (bench) => {
      await expectUntouched(bench, () => bench.delete(), SAYS);
      await expectUntouched(bench, () => bench.resume(), SAYS);
    }));

  it('may be given a file, and the summary goes to stdout', () =>
    begun(async (bench) => {
      expect(summaryOf(await bench.resume(['--report', 'report.ndjson']))).toMatchObject({ state: 'finished', exitCode: 0 });
      expect(bench.outcomes('report.ndjson').size).toBe(6);
    }));
});

describe('a report that only the checkpoint knows of', () => {
  const args = (bench: PurgeBench, source: string, ...more: string[]): string[] => bench.deleteArgs(source, '--checkpoint', 'c', ...more);

  it('is not moved away, with the finished purge it belongs to, while it is the source of the next', () =>
    withPurge({ rules: { poisonIds: [], refusedIds: ['image-000001'], firewallIds: [] } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      expect((await bench.run(args(bench, 'ids.csv', '--report', 'out.ndjson'))).exitCode).toBe(1);
      await expectUntouched(
        bench,
        () => bench.run(args(bench, 'out.ndjson')),
        'the source and the recorded report are the same file: out.ndjson',
      );
      symlinkSync('out.ndjson', bench.path('link.ndjson'));
      await expectUntouched(bench, () => bench.run(args(bench, 'link.ndjson', '--report', 'other.ndjson')), 'the same file: link.ndjson');
    }));

  it('is not removed, with the plan it belongs to, while it is the source of what replaces it', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', [...makeIds(3), '..']);
      await plan(bench, ['--checkpoint', 'c', '--report', 'out.ndjson']);
      await expectUntouched(bench, () => bench.run(args(bench, 'out.ndjson', '--supersede')), 'the source and the recorded report');
    }));

  it('is no list of IDs to keep, and no log', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(6));
      expect((await bench.run(args(bench, 'ids.csv', '--report', 'out.ndjson', '--limit', '2'))).exitCode).toBe(8);
      for (const option of ['--exclude', '--log-file']) {
        await expectUntouched(bench, () => bench.run(args(bench, 'ids.csv', option, 'out.ndjson')), `${option} and the recorded report`);
        await expectUntouched(bench, () => bench.run(['resume', 'c', '--yes', option, 'out.ndjson']), `${option} and the recorded report`);
      }
    }));
});

it('a finished purge’s own report moves away with it, so that the next may have the same path', () =>
  withPurge({}, async (bench) => {
    bench.writeIds('ids.csv', makeIds(3));
    await bench.delete(['--report', 'mine.ndjson']);
    expect((await bench.delete(['--report', 'mine.ndjson', '--expect-absent'])).exitCode).toBe(0);
    expect(bench.outcomes('mine.ndjson').size).toBe(3);
  }));
