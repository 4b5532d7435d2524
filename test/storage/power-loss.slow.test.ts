import { cpSync, existsSync, mkdirSync, readdirSync, realpathSync, renameSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { CLI_PATH } from '../support/cli/cli.ts';
import { contradictions } from '../support/purge/oracle.ts';
import { makeIds, type PurgeBench, withPurge } from '../support/purge/purge.ts';
import { CAN_INJECT, runTraced } from '../support/machine/strace.ts';

const OLD_IDS = makeIds(20, 'old');
const IDS = makeIds(20);
const CHECKPOINT = 'ids.csv.checkpoint';

const argsOf = (bench: PurgeBench, rate = 'unlimited'): string[] => [
  'delete',
  'ids.csv',
  '--report',
  'reports/r',
  '--yes',
  '--json',
  '--rate',
  rate,
  '--base-url',
  bench.simulator.url,
];

/** What the command does on disk, a word and file names a step. */
async function stepsOf(bench: PurgeBench): Promise<string[]> {
  const { exitCode, calls } = await runTraced([CLI_PATH, ...argsOf(bench)], ['rename', 'fsync', 'pwrite64'], bench.path('trace'), {
    cwd: bench.folder,
  });
  expect(exitCode).toBe(0);
  const folder = realpathSync(bench.folder);
  return calls.flatMap((call) => {
    const [, name = '', rest = ''] = /^\d+ +(\w+)\((.*)/.exec(call) ?? [];
    const paths = [...rest.matchAll(/[<"](\/[^>"]*)[>"]/g)].map(([, path = '']) => path.replace(folder, '.'));
    return paths.every((path) => path.startsWith('.')) && paths.length > 0 ? [[name, ...paths].join(' ')] : [];
  });
}

describe.skipIf(!CAN_INJECT)('before what follows from it is on disk', () => {
  it('the report’s new name is: its folder is synced before the checkpoint records it', () =>
    withPurge({}, async (bench) => {
      mkdirSync(bench.path('reports'));
      bench.writeIds('ids.csv', OLD_IDS);
      expect((await bench.run(argsOf(bench))).exitCode).toBe(0);
      bench.writeIds('ids.csv', IDS);
      const steps = await stepsOf(bench);
      const moved = steps.findIndex((step) => /^rename \.\/reports\/r \.\/reports\/r\.\d+T\d+Z$/.test(step));
      expect(moved).toBeGreaterThanOrEqual(0);
      expect(steps[moved + 1]).toBe('fsync ./reports');
    }));

  it('a WAL that was found without its checkpoint is out of the way: the folder is synced before the new checkpoint has its name', () =>
    withPurge({}, async (bench) => {
      mkdirSync(bench.path('reports'));
      bench.writeIds('ids.csv', IDS);
      // 20 IDs at 2/s: however late the kill comes, the purge isn’t through; else the next run meets absent images only.
      const running = bench.start(argsOf(bench, '2/s'));
      await bench.simulator.whenRequests(2);
      running.child.kill('SIGKILL');
      await running.finished;
      renameSync(bench.path(CHECKPOINT), bench.path('lost'));
      renameSync(bench.path('reports'), bench.path('lost-reports'));
      mkdirSync(bench.path('reports'));
      const steps = await stepsOf(bench);
      const away = steps.findIndex((step) => step.startsWith('rename') && step.endsWith('-wal.orphan'));
      expect(away).toBeGreaterThanOrEqual(0);
      expect(steps.slice(away + 1, away + 3)).toEqual(['fsync .', `rename ./${CHECKPOINT}.images-purge-new ./${CHECKPOINT}`]);
    }));
});

describe('a run with --supersede that is killed while it sets the old purge aside', () => {
  it('is finished by the next one under the same name, and the old report stays with its checkpoint', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', OLD_IDS);
      expect((await bench.delete(['--limit', '5'])).exitCode).toBe(8);
      mkdirSync(bench.path('copy'));
      for (const name of [CHECKPOINT, `${CHECKPOINT}.report.ndjson`]) cpSync(bench.path(name), bench.path(`copy/${name}`));
      bench.writeIds('ids.csv', IDS);
      expect((await bench.delete(['--supersede'])).exitCode).toBe(0);
      const [suffix = ''] = readdirSync(bench.folder).flatMap((name) => /checkpoint(\.\d+T\d+Z)$/.exec(name)?.[1] ?? []);
      // As if it had been killed behind the first rename: all else is as it was.
      for (const name of readdirSync(bench.path('copy'))) cpSync(bench.path(`copy/${name}`), bench.path(name));
      renameSync(bench.path(`${CHECKPOINT}.report.ndjson`), bench.path(`${CHECKPOINT}.report.ndjson${suffix}`));
      renameSync(bench.path(`${CHECKPOINT}${suffix}`), bench.path('copy/first'));
      expect((await bench.delete(['--supersede', '--expect-absent'])).exitCode).toBe(0);
      expect(existsSync(bench.path(`${CHECKPOINT}${suffix}`))).toBe(true);
      expect(readdirSync(bench.folder).filter((name) => /\d+T\d+Z/.test(name))).toHaveLength(2);
      expect((await bench.run(['resume', CHECKPOINT + suffix, '--rate', 'unlimited'])).exitCode).toBe(0);
      expect(
        contradictions(bench, {
          accepted: OLD_IDS,
          acceptedElsewhere: IDS,
          checkpoint: CHECKPOINT + suffix,
          report: `${CHECKPOINT}.report.ndjson${suffix}`,
        }),
      ).toEqual([]);
    }));
});
