import { truncateSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { contradictions } from '../support/purge/oracle.ts';
import { makeIds, summaryOf, withPurge } from '../support/purge/purge.ts';

const IDS = makeIds(200);

describe('a source that between two runs was', () => {
  it.each([
    ['cut short', (path: string) => truncateSync(path, 300)],
    ['emptied', (path: string) => truncateSync(path, 0)],
  ] as const)('%s, with intake complete: exit 7, nothing sent; the checkpoint alone finishes the purge', (_, deed) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      expect((await bench.delete(['--limit', '50'])).exitCode).toBe(8);
      deed(bench.path('ids.csv'));
      const refused = await bench.delete();
      expect(refused.exitCode).toBe(7);
      expect(refused.stderr).toMatch(/ids\.csv\.checkpoint holds an unfinished purge of another list[^]*resume \S*ids\.csv\.checkpoint/);
      expect(bench.deleteCount).toBe(50);
      expect((await bench.resume()).exitCode).toBe(0);
      expect(contradictions(bench, { accepted: IDS })).toEqual([]);
      expect(bench.deleteCount).toBe(200);
    }),
  );

  it('broken in its middle: exit 5 naming file and line; fixed, the same command finishes and sends nothing twice', () =>
    withPurge({}, async (bench) => {
      const whole = `id,note\n${IDS.map((id) => `${id},x`).join('\n')}\n`;
      bench.write('ids.csv', whole.replace('image-000150,x', '"image-000150,x'));
      const broken = await bench.delete();
      expect(broken.exitCode).toBe(5);
      expect(broken.stderr).toMatch(/ids\.csv, line \d+: .+\n {7}\S/);
      const sent = bench.deleteCount;
      bench.write('ids.csv', whole);
      expect((await bench.delete()).exitCode).toBe(0);
      expect(contradictions(bench, { accepted: IDS })).toEqual([]);
      expect(bench.deleteCount).toBe(200);
      expect(sent).toBeLessThan(200);
    }));

  it('cut short while its intake was broken off: what it no longer holds is dropped, never sent and not reported', () =>
    withPurge({}, async (bench) => {
      const head = IDS.slice(0, 100);
      bench.write('ids.csv', `id,note\n${IDS.map((id) => `${id},x`).join('\n')}\n"broken`);
      expect((await bench.delete(['--min-ids', '1'])).exitCode).toBe(5);
      expect(bench.deleteCount).toBe(0);
      bench.write('ids.csv', `id,note\n${head.map((id) => `${id},x`).join('\n')}\n`);
      const result = await bench.delete(['--min-ids', '1']);
      expect(summaryOf(result)).toMatchObject({ exitCode: 0, state: 'finished', intake: { accepted: 100 } });
      expect(contradictions(bench, { accepted: head })).toEqual([]);
    }));

  it('taken away: exit 5 naming it, nothing sent; put back, the same command finishes', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      expect((await bench.delete(['--limit', '50'])).exitCode).toBe(8);
      const args = bench.deleteArgs('gone.csv', '--checkpoint', 'ids.csv.checkpoint');
      const refused = await bench.run(args);
      expect(refused.exitCode).toBe(5);
      expect(refused.stderr).toMatch(/the source gone\.csv cannot be read \(ENOENT.*\n {7}\S/);
      bench.writeIds('gone.csv', IDS);
      expect((await bench.run(args)).exitCode).toBe(0);
      expect(contradictions(bench, { accepted: IDS })).toEqual([]);
    }));
});
