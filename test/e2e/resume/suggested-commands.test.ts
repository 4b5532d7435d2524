import { spawnSync } from 'node:child_process';

import { describe, expect, it } from 'vitest';

import { throttled } from '../../../src/simulator/simulated-answers.ts';
import { type CliResult, TEST_ACCOUNT } from '../../support/cli/cli.ts';
import { makeIds, type PurgeBench, withPurge } from '../../support/purge/purge.ts';

/** Pasted without quotes it would run a program, and be two words. */
const SOURCE = 'x$(touch PWNED) y.csv';
const CHECKPOINT = `${SOURCE}.checkpoint`;
/** Stands for the simulator's, which has another port each time. */
const BASE_URL = 'BASE_URL';

const deleteWhileReading = (bench: PurgeBench, ...more: string[]): Promise<CliResult> =>
  bench.run(['delete', SOURCE, '--base-url', bench.simulator.url, '--yes', '--rate', 'unlimited', ...more]);
/** Nothing is sent before the list has been read to its end. */
const runDelete = (bench: PurgeBench, ...more: string[]): Promise<CliResult> => deleteWhileReading(bench, '--min-ids', '1', ...more);

/** The words of each command that a text suggests, as a shell takes them. */
function pasted(bench: PurgeBench, { stdout, stderr }: CliResult): string[][] {
  const commands = (stdout + stderr).match(/(?<=: +| {6,})images-purge (?:delete|plan|resume|status|report) .*/g) ?? [];
  return commands.map((command) => {
    const script = `images-purge() { printf '%s\\n' "$@"; }\n${command.replace(/ +(?:exit \d|to (?:see|try) .*)$/, '')}`;
    const { stdout: words } = spawnSync('bash', ['-c', script], { cwd: bench.folder, encoding: 'utf8' });
    return words.replaceAll(`${bench.folder}/`, '').replaceAll(bench.simulator.url, BASE_URL).split('\n').slice(0, -1);
  });
}

describe('a command that is suggested can be pasted, whatever the paths are named', () => {
  it.each<[string, (bench: PurgeBench) => Promise<CliResult>, string[][]]>([
    ['after --limit', (bench) => runDelete(bench, '--limit', '1'), [['resume', CHECKPOINT]]],
    [
      'after refused credentials',
      (bench) => {
        bench.simulator.override(({ method }) =>
          method === 'DELETE' ? { status: 401, headers: {}, body: '{"success":false,"errors":[{"code":10000}]}' } : undefined,
        );
        return runDelete(bench);
      },
      [['resume', CHECKPOINT]],
    ],
    [
      'where there is no batch token',
      (bench) => {
        bench.simulator.override(({ rawUrl }) =>
          rawUrl.endsWith('/batch_token') ? { status: 400, headers: {}, body: '{"success":false,"errors":[]}' } : undefined,
        );
        return runDelete(bench, '--batch-tokens', '1', '--batch-base-url', bench.simulator.batchUrl);
      },
      [['resume', CHECKPOINT]],
    ],
    [
      'after giving up',
      (bench) => {
        bench.simulator.override(({ method }) => (method === 'DELETE' ? throttled(7_200) : undefined));
        return runDelete(bench);
      },
      [['resume', CHECKPOINT]],
    ],
    [
      'where another list is in the way',
      async (bench) => {
        await runDelete(bench, '--limit', '1');
        bench.writeIds(SOURCE, makeIds(4));
        return runDelete(bench);
      },
      [['resume', CHECKPOINT]],
    ],
    [
      'where a plan would overwrite a purge',
      async (bench) => {
        await runDelete(bench, '--limit', '1');
        return bench.run(['plan', SOURCE, '--base-url', bench.simulator.url]);
      },
      [['resume', CHECKPOINT]],
    ],
    [
      'where another run holds the checkpoint',
      async (bench) => {
        bench.simulator.override(() => 'hang');
        const other = bench.start(['delete', SOURCE, '--base-url', bench.simulator.url, '--yes']);
        await bench.simulator.whenRequests(1);
        const locked = await runDelete(bench);
        other.child.kill('SIGINT');
        await other.finished;
        return locked;
      },
      [['status', CHECKPOINT]],
    ],
    [
      'where the list was never read to its end',
      async (bench) => {
        bench.write(SOURCE, 'id\na\nb\n"c');
        await deleteWhileReading(bench);
        return bench.run(['resume', CHECKPOINT, '--yes']);
      },
      [['delete', SOURCE, '--account-id', TEST_ACCOUNT, '--base-url', BASE_URL]],
    ],
    [
      'where that end has to be known first',
      async (bench) => {
        bench.write(SOURCE, 'id\na\nb\n"c');
        await runDelete(bench);
        return bench.run(['resume', CHECKPOINT, '--yes']);
      },
      [['delete', SOURCE, '--min-ids', '1', '--account-id', TEST_ACCOUNT, '--base-url', BASE_URL]],
    ],
    [
      'in the status of an unfinished purge',
      async (bench) => {
        await runDelete(bench, '--limit', '1');
        return bench.run(['status', CHECKPOINT]);
      },
      [['resume', CHECKPOINT]],
    ],
    [
      'in the status of a purge with failures',
      async (bench) => {
        bench.simulator.override(({ method }) => (method === 'DELETE' ? { status: 400, headers: {}, body: '' } : undefined));
        await runDelete(bench);
        return bench.run(['status', CHECKPOINT]);
      },
      [['resume', CHECKPOINT, '--retry-failed']],
    ],
  ])('%s', (_, run, commands) =>
    withPurge({}, async (bench) => {
      bench.writeIds(SOURCE, makeIds(3));
      expect(pasted(bench, await run(bench))).toEqual(commands);
    }),
  );
});
