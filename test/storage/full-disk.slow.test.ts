import { existsSync, readFileSync, rmSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { contradictions, contradictionsSoFar } from '../support/purge/oracle.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge } from '../support/purge/purge.ts';
import { CAN_MOUNT, SmallDisk } from '../support/machine/small-disk.ts';

const IDS = makeIds(3_000);
const AT_DISK = { checkpoint: 'disk/c', report: 'disk/c.report.ndjson' };
const ARGS = ['--checkpoint', 'disk/c', '--fail-on-absent', '--concurrency', '8'];

/** Fixed, the same command finishes, and what the three witnesses say agrees. */
async function expectItFinishes(bench: PurgeBench, args: readonly string[] = ARGS): Promise<void> {
  const fixed = await bench.delete(args);
  expect(fixed.stderr).not.toMatch(/^error/m);
  expect(fixed.exitCode).toBe(0);
  expect(contradictions(bench, { accepted: IDS, ...AT_DISK })).toEqual([]);
}

describe.skipIf(!CAN_MOUNT)('a disk that is full', () => {
  it.each([
    ['before the first byte of the checkpoint', '40k', 0],
    ['while the list is read', '200k', 0],
  ])('%s: exit 5, nothing sent before the end of the list is known; with room the same command finishes', (_, size, sent) =>
    withPurge({}, async (bench) => {
      using disk = new SmallDisk(bench.path('disk'), size);
      bench.writeIds('ids.csv', IDS);
      const full = await bench.delete([...ARGS, '--min-ids', '1']);
      expect(full.exitCode).toBe(5);
      expect(full.stderr).toMatch(/^error: .*disk\/c.*\n {7}\S/m);
      expect(bench.deleteCount).toBe(sent);
      disk.grow('40m');
      await expectItFinishes(bench, [...ARGS, '--min-ids', '1']);
    }),
  );

  it.each([300, 1_500, 2_900])(
    'after %i requests, under checkpoint, WAL and report: exit 5, nothing is wrongly called deleted, and the same command finishes',
    (requestCount) =>
      withPurge({ latencyMs: 1 }, async (bench) => {
        using disk = new SmallDisk(bench.path('disk'), '20m');
        bench.writeIds('ids.csv', IDS);
        const running = bench.startDelete(ARGS);
        await bench.simulator.whenRequests(requestCount);
        disk.fill();
        const full = await running.finished;
        // Pages of the WAL that are there already may have held the rest.
        expect([0, 5]).toContain(full.exitCode);
        if (full.exitCode === 5) expect(full.stderr).toMatch(/^error: .*disk\/c.*(is full|ENOSPC).*\n {7}\S/m);
        disk.free();
        expect(contradictionsSoFar(bench, { accepted: IDS, ...AT_DISK })).toEqual([]);
        if (full.exitCode === 5) await expectItFinishes(bench);
        else expect(contradictions(bench, { accepted: IDS, ...AT_DISK })).toEqual([]);
      }),
  );

  it('when a finished purge is to be set aside: exit 5, and with room both are whole', () =>
    withPurge({}, async (bench) => {
      using disk = new SmallDisk(bench.path('disk'), '20m');
      const old = makeIds(200, 'old');
      bench.writeIds('ids.csv', old);
      expect((await bench.delete(ARGS)).exitCode).toBe(0);
      bench.writeIds('ids.csv', IDS);
      disk.fill();
      const full = await bench.delete(ARGS);
      expect(full.exitCode).toBe(5);
      expect(full.stderr).toMatch(/^error: .*disk\/c.*\n {7}\S/m);
      expect(bench.deleteCount).toBe(200);
      disk.free();
      expect((await bench.delete(ARGS)).exitCode).toBe(0);
      expect(contradictions(bench, { accepted: IDS, acceptedElsewhere: old, ...AT_DISK })).toEqual([]);
    }));

  it('before the first line of a report elsewhere: exit 5 and nothing is sent', () =>
    withPurge({}, async (bench) => {
      using disk = new SmallDisk(bench.path('disk'), '64k');
      bench.writeIds('ids.csv', IDS);
      bench.write('ids-and-rejected.csv', `id\n${IDS.join('\n')}\n..\n`);
      disk.fill();
      const args = ['--report', 'disk/r.ndjson', '--min-ids', '1'];
      const run = (): ReturnType<PurgeBench['run']> =>
        bench.run(bench.deleteArgs('ids-and-rejected.csv', '--checkpoint', 'c', '--json', ...args));
      const full = await run();
      expect(full.exitCode).toBe(5);
      expect(full.stderr).toMatch(/the report disk\/r\.ndjson cannot be written \(ENOSPC.*\n {7}\S/);
      expect(bench.deleteCount).toBe(0);
      disk.free();
      disk.grow('8m');
      expect(summaryOf(await run())).toMatchObject({
        exitCode: 1,
        state: 'finished',
        outcomes: { deleted: 3_000 },
        intake: { rejected: 1 },
      });
      expect(bench.outcomes('disk/r.ndjson').size).toBe(3_000);
    }));

  it('under the log, in the middle of a line: one warning, and the purge finishes', () =>
    withPurge({}, async (bench) => {
      using disk = new SmallDisk(bench.path('disk'), '64k');
      bench.writeIds('ids.csv', IDS);
      // What is left of its page holds half a line.
      bench.write('disk/log', 'x'.repeat(4_000));
      disk.fill();
      const result = await bench.delete(['--log-file', 'disk/log', '--log-level', 'trace']);
      expect(result.exitCode).toBe(0);
      expect(result.stderr.match(/warning: the log disk\/log cannot be written \(ENOSPC/g)).toHaveLength(1);
      expect(contradictions(bench, { accepted: IDS })).toEqual([]);
      expect(readFileSync(bench.path('disk/log')).length).toBe(4_096);
    }));

  it('for the temporary files of a dry run: exit 5, and nothing is left', () =>
    withPurge({}, async (bench) => {
      using disk = new SmallDisk(bench.path('disk'), '100k');
      bench.writeIds('ids.csv', IDS);
      const full = await bench.delete(['--dry-run'], { env: { TMPDIR: disk.folder } });
      expect(full.exitCode).toBe(5);
      expect(full.stderr).toMatch(/^error: .*is full.*\n {7}\S/m);
      expect(existsSync(bench.path('ids.csv.checkpoint'))).toBe(false);
      rmSync(`${disk.folder}/filler`, { force: true });
    }));
});
