import { chmodSync, existsSync, mkdirSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import type { CliResult } from '../support/cli/cli.ts';
import { contradictions } from '../support/purge/oracle.ts';
import { CAN_BE_REFUSED, runUnprivileged } from '../support/machine/other-user.ts';
import { makeIds, type PurgeBench, withPurge } from '../support/purge/purge.ts';

const IDS = makeIds(60);
const CHECKPOINT = 'ids.csv.checkpoint';
const REPORT = `${CHECKPOINT}.report.ndjson`;

function purge(bench: PurgeBench, more: readonly string[] = []): Promise<CliResult> {
  return runUnprivileged(bench.folder, bench.deleteArgs('ids.csv', '--json', ...more));
}

/** A file whose mode forbids what is needed, before the first run or between two. */
const CASES: readonly {
  readonly what: string;
  readonly path: string;
  readonly mode: number;
  readonly isAfterFirstRun: boolean;
  readonly says: RegExp;
}[] = [
  {
    what: 'a source that may not be read',
    path: 'ids.csv',
    mode: 0,
    isAfterFirstRun: false,
    says: /the source ids\.csv cannot be read \(EACCES/,
  },
  {
    what: 'a folder that may not be written to',
    path: '.',
    mode: 0o555,
    isAfterFirstRun: false,
    says: /ids\.csv\.checkpoint.*cannot be created \(EACCES/,
  },
  {
    what: 'a source that may not be read any more',
    path: 'ids.csv',
    mode: 0,
    isAfterFirstRun: true,
    says: /the source ids\.csv cannot be read \(EACCES/,
  },
  {
    what: 'a checkpoint that may only be read',
    path: CHECKPOINT,
    mode: 0o400,
    isAfterFirstRun: true,
    says: /ids\.csv\.checkpoint cannot be written: it is read-only/,
  },
  {
    what: 'a checkpoint that may not be read',
    path: CHECKPOINT,
    mode: 0,
    isAfterFirstRun: true,
    says: /ids\.csv\.checkpoint cannot be opened \(.+\)/,
  },
  {
    what: 'a report that may only be read',
    path: REPORT,
    mode: 0o400,
    isAfterFirstRun: true,
    says: /the report .*report\.ndjson cannot be written \(EACCES/,
  },
  {
    what: 'a folder that may not be written to any more',
    path: '.',
    mode: 0o555,
    isAfterFirstRun: true,
    says: /ids\.csv\.checkpoint.*cannot be created \(EACCES/,
  },
];

describe.skipIf(!CAN_BE_REFUSED)('permission denied', () => {
  it.each(CASES)(
    '$what (after a first run: $isAfterFirstRun): exit 5, nothing sent; allowed again, the same command finishes',
    ({ path, mode, isAfterFirstRun, says }) =>
      withPurge({}, async (bench) => {
        bench.writeIds('ids.csv', IDS);
        if (isAfterFirstRun) expect((await purge(bench, ['--limit', '20'])).exitCode).toBe(8);
        const sentBefore = bench.deleteCount;
        chmodSync(bench.path(path), mode);
        const refused = await purge(bench);
        chmodSync(bench.path(path), path === '.' ? 0o700 : 0o600);
        expect(refused.stderr).toMatch(says);
        expect(refused.exitCode).toBe(5);
        expect(refused.stderr).toMatch(/\n {7}\S/);
        expect(bench.deleteCount).toBe(sentBefore);
        expect((await purge(bench)).exitCode).toBe(0);
        expect(contradictions(bench, { accepted: IDS })).toEqual([]);
        expect(bench.deleteCount).toBe(IDS.length);
      }),
  );

  it('a log that may not be written warns once, and the run goes on', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      bench.write('log', '');
      chmodSync(bench.path('log'), 0o400);
      const result = await purge(bench, ['--log-file', 'log']);
      expect(result.exitCode).toBe(0);
      expect(result.stderr.match(/warning: the log log cannot be written \(EACCES/g)).toHaveLength(1);
      expect(contradictions(bench, { accepted: IDS })).toEqual([]);
    }));

  it('an exclude list that may not be read: exit 2, nothing sent', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      bench.writeIds('keep.csv', IDS.slice(0, 5));
      chmodSync(bench.path('keep.csv'), 0);
      const refused = await purge(bench, ['--exclude', 'keep.csv']);
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toContain('keep.csv');
      expect(bench.deleteCount).toBe(0);
    }));

  it('a dry run without a place for temporary files: exit 5, and nothing is left in the folder', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      mkdirSync(bench.path('tmp'));
      chmodSync(bench.path('tmp'), 0o555);
      const refused = await runUnprivileged(bench.folder, ['delete', 'ids.csv', '--dry-run', '--base-url', bench.simulator.url], {
        env: { TMPDIR: bench.path('tmp') },
      });
      expect(refused.exitCode).toBe(5);
      expect(refused.stderr).toMatch(/dry run.*\(EACCES.*\n {7}.*TMPDIR/);
      expect(existsSync(bench.path(CHECKPOINT))).toBe(false);
    }));

  it('a finished checkpoint in a folder that may only be read is read all the same', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      expect((await purge(bench)).exitCode).toBe(0);
      chmodSync(bench.folder, 0o555);
      const status = await runUnprivileged(bench.folder, ['status', CHECKPOINT, '--json']);
      chmodSync(bench.folder, 0o700);
      expect(status).toMatchObject({ exitCode: 0 });
    }));
});
