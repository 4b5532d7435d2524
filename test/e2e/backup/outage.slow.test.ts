import { describe, expect, it } from 'vitest';

import { failure } from '../../../src/simulator/simulated-answers.ts';
import { backupProblems } from '../../support/purge/backup.ts';
import { makeIds, summaryOf, withPurge } from '../../support/purge/purge.ts';

const IDS = makeIds(40);

describe('an outage under a backup', () => {
  it.each([
    ['DELETEs alone', (method: string) => method === 'DELETE'],
    ['originals alone', (_: string, rawUrl: string) => rawUrl.endsWith('/blob')],
    ['everything but stats', (_: string, rawUrl: string) => !rawUrl.endsWith('/stats')],
  ])('of %s uses up no attempts and marks nothing failed; nothing is deleted that is not saved', (_, isOut) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      let outCount = 0;
      bench.simulator.override(({ method, rawUrl }) =>
        isOut(method, rawUrl) && ++outCount <= 42 ? failure(503, 5503, 'Service unavailable') : undefined,
      );
      const result = await bench.delete(['--backup', 'saved', '--concurrency', '4', '--max-attempts', '4']);
      expect(summaryOf(result)).toMatchObject({ exitCode: 0, outcomes: { deleted: 40, failed: 0 } });
      expect(result.stderr).toContain('outage');
      expect(backupProblems(bench.path('saved'), IDS)).toEqual([]);
    }),
  );
});
