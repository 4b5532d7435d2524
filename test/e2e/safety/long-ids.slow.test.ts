import { once } from 'node:events';

import { describe, expect, it } from 'vitest';

import { makeIds, type PurgeBench, withPurge } from '../../support/purge/purge.ts';

/** As long as an ID may be, of characters that take two bytes each in memory: all at once, the ledger's thread could not hold them. */
const LONG_IDS = makeIds(25_000).map((id) => id.padEnd(1_024, '漢'));
const TEST_MS_MAX = 900_000;

const resumeArgs = ['resume', 'ids.csv.checkpoint', '--exclude', 'ids.csv', '--yes', '--rate', 'unlimited'];
const planArgs = (bench: PurgeBench, ...more: string[]): string[] => ['plan', 'ids.csv', '--base-url', bench.simulator.url, ...more];

function idsIn(lines: string): string[] {
  return lines
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { id: string }).id);
}

describe('25,000 of the longest IDs', () => {
  it('are planned in a dry run, each with its line', { timeout: TEST_MS_MAX }, () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', LONG_IDS);
      const result = await bench.delete(['--dry-run', '--report', 'dry.ndjson']);
      expect(result.stderr).not.toMatch(/^error/m);
      expect(result.exitCode).toBe(0);
      expect(idsIn(bench.read('dry.ndjson'))).toEqual(LONG_IDS);
    }),
  );

  it(
    'are protected all at once though stdout is slow to be told, and closes: the next run tells it the rest',
    { timeout: TEST_MS_MAX },
    () =>
      withPurge({}, async (bench) => {
        bench.writeIds('ids.csv', LONG_IDS);
        expect((await bench.run(planArgs(bench, '--report', '-'))).exitCode).toBe(0);
        const running = bench.start(resumeArgs);
        if (running.child.stdout === null) throw new Error('stdout is a pipe');
        await once(running.child.stdout, 'data');
        running.child.stdout.destroy();
        const closed = await running.finished;
        expect(closed.stderr).not.toMatch(/^error/m);
        expect(closed.exitCode).toBe(5);
        const told = await bench.run(resumeArgs);
        expect(told.stderr).not.toMatch(/^error/m);
        expect(idsIn(told.stdout).toSorted()).toEqual(LONG_IDS);
        expect(bench.deleteCount).toBe(0);
      }),
  );
});
