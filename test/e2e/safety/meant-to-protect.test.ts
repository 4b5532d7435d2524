import { describe, expect, it } from 'vitest';

import { type PurgeBench, withPurge } from '../../support/purge/purge.ts';

const sent = (bench: PurgeBench): readonly string[] => [...bench.simulator.record.deleteRequests.keys()].sort();

describe('what was meant to protect', () => {
  it('a variable that is nearly one of ours is exit 2, and nothing is read or sent', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', ['img-1']);
      for (const [name, value] of [
        ['IMAGES_PURGE_DRYRUN', '1'],
        ['IMAGES_PURGE_EXCLUDES', 'keep.txt'],
        ['IMAGES_PURGE_MAX_DELETE', '0'],
        ['images_purge_dry_run', '1'],
      ] as const) {
        const result = await bench.delete([], { env: { [name]: value } });
        expect(result.exitCode, name).toBe(2);
        expect(result.stderr).toMatch(new RegExp(`${name}: no option.*If IMAGES_PURGE_(?:DRY_RUN|EXCLUDE|MAX_DELETES) is meant`, 's'));
      }
      expect(sent(bench)).toEqual([]);

      const env = {
        IMAGES_PURGE_SERVICE_HOST: '10.0.0.1',
        IMAGES_PURGE_PORT: 'tcp://10.0.0.1:80',
        IMAGES_PURGE_DRYRUN: '',
        IMAGES_PURGE_FOLDER: '/opt',
      };
      const result = await bench.delete([], { env });
      expect(result.stderr.match(/IMAGES_PURGE_\w+ is no option/g)).toEqual(['IMAGES_PURGE_FOLDER is no option']);
      expect([result.exitCode, sent(bench)]).toEqual([0, ['img-1']]);
    }));

  it('--exclude and IMAGES_PURGE_EXCLUDE add up, one file a line', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', ['img-1', 'mine', 'global-1', 'global-2']);
      for (const name of ['mine', 'global-1', 'global-2']) bench.write(`${name}.txt`, `${name}\n`);
      const env = { IMAGES_PURGE_EXCLUDE: 'global-1.txt\nglobal-2.txt\nmine.txt\n' };
      const result = await bench.delete(['--exclude', 'mine.txt'], { env });
      expect([result.exitCode, sent(bench)]).toEqual([0, ['img-1']]);
      expect(bench.report().filter(({ outcome }) => outcome === 'protected')).toHaveLength(3);
    }));

  it('a pattern of files behind --exclude that the shell has spread is exit 2', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', ['img-1', 'a', 'b']);
      bench.write('keep-a.txt', 'a\n');
      bench.write('keep-b.txt', 'b\n');
      const spread = await bench.delete(['--exclude', 'keep-a.txt', 'keep-b.txt']);
      expect(spread.exitCode).toBe(2);
      expect(spread.stderr).toMatch(
        /keep-b\.txt follows --exclude keep-a\.txt.*--exclude keep-a\.txt --exclude keep-b\.txt.*--exclude=keep-a\.txt/s,
      );
      const swapped = await bench.run(['plan', '--exclude', 'keep-a.txt', './keep-b.txt', 'ids.csv', '--base-url', bench.simulator.url]);
      expect(swapped.exitCode).toBe(2);
      expect(sent(bench)).toEqual([]);

      const protectedByBoth = await bench.delete(['--exclude', 'keep-a.txt', '--exclude', 'keep-b.txt']);
      expect([protectedByBoth.exitCode, sent(bench)]).toEqual([0, ['img-1']]);
      const meant = await bench.delete(['--exclude=keep-a.txt', 'keep-b.txt']);
      expect([meant.exitCode, sent(bench)]).toEqual([0, ['b', 'img-1']]);
    }));
});
