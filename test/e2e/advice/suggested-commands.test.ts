import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { throttled } from '../../../src/simulator/simulated-answers.ts';
import type { CliResult } from '../../support/cli/cli.ts';
import { suggestedCommands } from '../../support/cli/pasted.ts';
import { makeIds, type PurgeBench, withPurge } from '../../support/purge/purge.ts';

/** Pasted without quotes it would run a program, and be two words. */
const SOURCE = 'x$(touch PWNED) y.csv';
const CHECKPOINT = `${SOURCE}.checkpoint`;

const deleteWhileReading = (bench: PurgeBench, ...more: string[]): Promise<CliResult> =>
  bench.run(['delete', SOURCE, '--base-url', bench.simulator.url, '--yes', '--rate', 'unlimited', ...more]);
/** Nothing is sent before the list has been read to its end. */
const runDelete = (bench: PurgeBench, ...more: string[]): Promise<CliResult> => deleteWhileReading(bench, '--min-ids', '1', ...more);

/** Each suggested command and its operand, as a shell in this folder takes them. */
function suggested(bench: PurgeBench, result: CliResult): string[][] {
  return suggestedCommands(result).map((command) => {
    const script = `images-purge() { printf '%s\\n' "$@"; }\n${command}`;
    const { stdout: words } = spawnSync('bash', ['-c', script], { cwd: bench.folder, encoding: 'utf8' });
    expect(existsSync(bench.path('PWNED'))).toBe(false);
    return words.replaceAll(`${bench.folder}/`, '').split('\n').slice(0, 2);
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
      [
        ['resume', CHECKPOINT],
        ['resume', CHECKPOINT],
      ],
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
      [
        ['resume', CHECKPOINT],
        ['delete', SOURCE],
      ],
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
      [['delete', SOURCE]],
    ],
    [
      'where that end has to be known first',
      async (bench) => {
        bench.write(SOURCE, 'id\na\nb\n"c');
        await runDelete(bench);
        return bench.run(['resume', CHECKPOINT, '--yes']);
      },
      [['delete', SOURCE]],
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
      [['resume', CHECKPOINT]],
    ],
  ])('%s', (_, run, commands) =>
    withPurge({}, async (bench) => {
      bench.writeIds(SOURCE, makeIds(3));
      expect(suggested(bench, await run(bench))).toEqual(commands);
    }),
  );
});
