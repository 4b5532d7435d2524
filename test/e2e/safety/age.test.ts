import { DatabaseSync } from 'node:sqlite';

import { describe, expect, it } from 'vitest';

import { makeIds, type PurgeBench, withPurge } from '../../support/purge/purge.ts';

const DAY_MS = 86_400_000;

function setAge(bench: PurgeBench, days: number): void {
  const db = new DatabaseSync(bench.path('ids.csv.checkpoint'));
  db.prepare('UPDATE state SET last_worked_at_ms = ?').run(Date.now() - days * DAY_MS);
  db.close();
}

describe('the age of a purge', () => {
  it('is not renewed by a resume whose credentials are refused', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url]);
      setAge(bench, 6);
      expect((await bench.resume(['--yes'], { env: { CLOUDFLARE_API_TOKEN: 'wrong' } })).exitCode).toBe(3);
      const refused = await bench.resume(['--yes', '--max-age', '5d']);
      expect([refused.exitCode, bench.simulator.record.deleted.size]).toEqual([7, 0]);
      expect(refused.stderr).toContain('longer than --max-age allows');
    }));

  it('does not lock a weekly job out whose last run was stopped early', () =>
    withPurge({}, async (bench) => {
      const weekly = (): ReturnType<PurgeBench['delete']> => bench.delete(['--supersede', '--limit', '4']);
      bench.writeIds('ids.csv', makeIds(6, 'first'));
      expect((await weekly()).exitCode).toBe(8);
      setAge(bench, 8);
      bench.writeIds('ids.csv', makeIds(3, 'second'));
      expect((await weekly()).exitCode).toBe(0);
      // Nothing was recorded of the run before: this one begins in its place.
      bench.writeIds('ids.csv', makeIds(3, 'third'));
      expect((await bench.delete(['--min-ids', '9', '--checkpoint', 'ids.csv.checkpoint', '--supersede'])).exitCode).toBe(7);
      setAge(bench, 8);
      expect((await bench.delete(['--min-ids', '3'])).exitCode).toBe(0);
      expect([...bench.simulator.record.deleted].filter((id) => !id.startsWith('first'))).toHaveLength(6);
      expect([...bench.simulator.record.deleted].filter((id) => id.startsWith('first'))).toHaveLength(4);
    }));
});
