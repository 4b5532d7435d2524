import { describe, expect, it } from 'vitest';

import { makeIds, summaryOf, withPurge } from '../../support/purge/purge.ts';

describe('--note', () => {
  it('is in log, summary and status, is kept when the purge goes on, and is what a person has put last', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(6));
      const first = await bench.delete(['--limit', '2', '--note', ' CHG-1041: banners of 2024, asked for by Ä. "O\'Neil" ']);
      const note = 'CHG-1041: banners of 2024, asked for by Ä. "O\'Neil"';
      expect(summaryOf(first)).toMatchObject({ note, exitCode: 8 });
      expect(first.stderr).toContain(`"note":${JSON.stringify(note)}`);
      expect(summaryOf(await bench.resume(['--limit', '2']))).toMatchObject({ note });
      const status = await bench.run(['status', 'ids.csv.checkpoint']);
      expect(status.stdout).toContain(`Note        ${note}`);
      expect(summaryOf(await bench.resume(['--note', 'approved by Kim']))).toMatchObject({ note: 'approved by Kim', state: 'finished' });
      expect(summaryOf(await bench.run(['status', 'ids.csv.checkpoint', '--json']))).toMatchObject({ note: 'approved by Kim' });
    }));

  it('of a plan is still there when it is carried out; a purge without one says so', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(2));
      await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url, '--note', 'for Monday']);
      expect(summaryOf(await bench.delete())).toMatchObject({ note: 'for Monday', state: 'finished' });
      bench.writeIds('ids.csv', makeIds(2, 'other'));
      expect(summaryOf(await bench.delete())).toMatchObject({ note: null, state: 'finished' });
    }));

  it.each([
    ['501 characters', '🖼'.repeat(501), 'may have 500 characters; it has 501'],
    ['two lines', 'one\ntwo', 'must be one line'],
    ['an escape', 'red \u001b[31m', 'must be one line'],
    ['nothing', '', 'must not be empty'],
  ])('of %s is exit 2, and nothing is sent', (_, note, why) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(2));
      const refused = await bench.delete(['--note', note]);
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toContain(why);
      expect(bench.simulator.record.requestCount).toBe(0);
    }),
  );

  it('may have 500 characters', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(1));
      expect(summaryOf(await bench.delete(['--note', '🖼'.repeat(500)]))).toMatchObject({ note: '🖼'.repeat(500), exitCode: 0 });
    }));
});
