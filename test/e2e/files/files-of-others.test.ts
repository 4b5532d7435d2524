import { describe, expect, it } from 'vitest';

import { makeIds, withPurge } from '../../support/purge/purge.ts';

const LIST = 'the only copy\n';

describe('a file that is there and not empty', () => {
  it('is not written over by report -o or simulate --record: exit 2, which names --force; with it, it is', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      await bench.delete();
      bench.write('old.txt', LIST);
      bench.write('keep.txt', LIST);
      const commands = [
        { args: ['report', 'ids.csv.checkpoint', '-o', 'old.txt'], file: 'old.txt', option: '-o' },
        { args: ['report', 'ids.csv.checkpoint', '--format', 'csv', '-o', 'old.txt'], file: 'old.txt', option: '-o' },
        { args: ['simulate', '--record', 'keep.txt'], file: 'keep.txt', option: '--record' },
      ];
      for (const { args, file, option } of commands) {
        const refused = await bench.run(args);
        expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
        expect(refused.stderr).toContain(`${file} exists already and is not empty; it was not touched.`);
        expect(refused.stderr).toContain(`another file with ${option}, or write over this one with --force`);
        expect(bench.read(file)).toBe(LIST);
      }
      bench.write('empty.txt', '');
      expect((await bench.run(['report', 'ids.csv.checkpoint', '-o', 'empty.txt'])).exitCode).toBe(0);
      expect((await bench.run(['report', 'ids.csv.checkpoint', '-o', 'old.txt', '--force'])).exitCode).toBe(0);
      expect([bench.report('empty.txt').length, bench.report('old.txt').length]).toEqual([3, 3]);
      const simulator = bench.start(['simulate', '--record', 'keep.txt', '--force']);
      await simulator.waitForStderr(/answers at/);
      simulator.child.kill('SIGINT');
      await simulator.finished;
      expect(bench.read('keep.txt')).toBe('');
    }));
});
