import { existsSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { makeIds, type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

/** What is asked before the first DELETE, and how many requests have come in once it hangs. */
const QUESTIONS: readonly [path: string, requestCount: number, options: readonly string[]][] = [
  ['stats', 1, []],
  ['batch_token', 2, ['--batch-tokens', '1']],
];

const hang = (bench: PurgeBench, path: string): void =>
  bench.simulator.override(({ rawUrl }) => (rawUrl.endsWith(`/${path}`) ? 'hang' : undefined));
/** So long that the request does not end by itself. */
const PATIENT = ['--timeout', '10m'];

describe.each(QUESTIONS)('while GET %s hangs', (path, requestCount, options) => {
  it('Ctrl-C ends the run gracefully: exit 130 with its summary, nothing sent, the lock gone, and the same command goes on', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      hang(bench, path);
      const batchHost = ['--batch-base-url', bench.simulator.batchUrl];
      const running = bench.startDelete([...PATIENT, ...options, ...batchHost]);
      await bench.simulator.whenRequests(requestCount);
      running.child.kill('SIGINT');
      const result = await running.finished;
      expect(result.exitCode).toBe(130);
      expect(summaryOf(result)).toMatchObject({ state: 'unfinished', pending: 5, exitCode: 130 });
      expect(result.stderr).toContain('Stopped by SIGINT');
      expect(existsSync(bench.path('ids.csv.checkpoint.lock'))).toBe(false);
      expect(bench.deleteCount).toBe(0);
      bench.simulator.override(undefined);
      expect((await bench.delete([...options, ...batchHost])).exitCode).toBe(0);
    }));

  it.each([
    ['--max-duration', 8, 'Stopped by --max-duration'],
    ['--give-up-after', 4, 'no ID got a final answer for 3 s (--give-up-after)'],
  ])('%s ends the run in time: exit %i, the lock gone', (option, exitCode, says) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      hang(bench, path);
      const result = await bench.delete([...PATIENT, ...options, '--batch-base-url', bench.simulator.batchUrl, option, '3s']);
      expect(result.exitCode).toBe(exitCode);
      expect(result.stderr).toContain(says);
      expect(summaryOf(result)).toMatchObject({ state: 'unfinished', outcomes: { deleted: 0, failed: 0 } });
      expect(existsSync(bench.path('ids.csv.checkpoint.lock'))).toBe(false);
    }),
  );
});
