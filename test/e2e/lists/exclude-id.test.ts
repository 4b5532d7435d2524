import { describe, expect, it } from 'vitest';

import { pasted, suggestedAfter } from '../../support/cli/pasted.ts';
import { type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

const BRAND = ['--exclude-id', 'brand/*'];
const IDS = ['brand/logo.png', 'brand/2024/logo.png', 'BRAND/old.png', 'brand%2Fnew.png', 'tmp-1', 'img-1', 'img-2'];

const sentTo = (bench: PurgeBench): string[] => [...bench.simulator.record.deleteRequests.keys()].toSorted();

describe('--exclude-id', () => {
  it('protects what fits, other spellings too: report, summary and ending name the rule', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      const result = await bench.delete([...BRAND, '--exclude-id', 'nothing-*', '--log-file', 'run.log'], {
        env: { IMAGES_PURGE_EXCLUDE_ID: 'tmp-?\n' },
      });
      expect(result.exitCode, result.stderr).toBe(0);
      expect(sentTo(bench)).toEqual(['brand/2024/logo.png', 'img-1', 'img-2']);
      expect(summaryOf(result)).toMatchObject({
        intake: { protected: 4 },
        protectedBy: [
          { rule: '--exclude-id brand/*', entries: 1, held: 3, near: 2 },
          { rule: '--exclude-id nothing-*', entries: 1, held: 0, near: 0 },
          { rule: '--exclude-id tmp-?', entries: 1, held: 1, near: 0 },
        ],
      });
      expect(bench.report().filter(({ outcome }) => outcome === 'protected')).toMatchObject([
        { id: 'brand/logo.png', rule: '--exclude-id brand/*' },
        { id: 'BRAND/old.png', rule: '--exclude-id brand/*', near: true, entry: 'brand/*' },
        { id: 'brand%2Fnew.png', rule: '--exclude-id brand/*', near: true, entry: 'brand/*' },
        { id: 'tmp-1', rule: '--exclude-id tmp-?' },
      ]);
      expect(result.stderr).toContain('--exclude-id brand/*: 3 IDs held, 2 of them spelled otherwise');
      const log = bench.read('run.log');
      expect(log).toContain('--exclude-id nothing-*: fits no ID of the list. Is it the right pattern');
      const status = await bench.run(['status', 'ids.csv.checkpoint']);
      expect(status.stdout).toContain('--exclude-id tmp-?: 1 ID held');
    }));

  it('counts for --min-protected, and the digest is taken after it', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      const refused = await bench.delete([...BRAND, '--min-protected', '4']);
      expect(refused.exitCode, refused.stderr).toBe(7);
      expect(sentTo(bench)).toEqual([]);
      bench.writeIds('others.csv', ['brand/2024/logo.png', 'tmp-1', 'img-1', 'img-2']);
      const digestOf = async (source: string, more: readonly string[]): Promise<unknown> =>
        (summaryOf(await bench.run(bench.deleteArgs(source, '--dry-run', '--json', ...more))) as { digest?: unknown }).digest;
      expect(await digestOf('ids.csv', BRAND)).toBe(await digestOf('others.csv', []));
      expect(await digestOf('ids.csv', BRAND)).not.toBe(await digestOf('ids.csv', []));
      expect((await bench.delete([...BRAND, '--min-protected', '3'])).exitCode).toBe(0);
    }));

  it('is recorded and in force when the purge is resumed, and more is added on going on', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      expect((await bench.delete([...BRAND, '--limit', '1'])).exitCode).toBe(8);
      expect((await bench.delete(['--exclude-id', 'img-1', '--limit', '1'])).exitCode).toBe(8);
      expect((await bench.resume([], { env: { IMAGES_PURGE_EXCLUDE_ID: 'img-[2-9]' } })).exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(['brand/2024/logo.png', 'tmp-1']);
    }));

  it('is not lost: a command that lacks it is exit 7 and names it, and what is advised has it', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      expect((await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url, ...BRAND])).exitCode).toBe(0);
      const refused = await bench.delete();
      expect(refused.exitCode).toBe(7);
      expect(refused.stderr).toContain("protected by --exclude-id 'brand/*', which this command lacks");
      expect((await pasted(suggestedAfter('Give them again:', refused))).exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(['brand/2024/logo.png', 'img-1', 'img-2', 'tmp-1']);
    }));

  it('is dropped where a person says so', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      expect((await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url, ...BRAND])).exitCode).toBe(0);
      expect((await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url, '--drop-guards'])).exitCode).toBe(0);
      expect((await bench.resume(['--yes'])).exitCode).toBe(0);
      expect(sentTo(bench)).toEqual(IDS.toSorted());
    }));

  it('that can fit no ID is exit 2, nothing is sent', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      for (const glob of ['/brand/*', 'brand/', 'https://imagedelivery.net/hash/brand/*', '']) {
        expect((await bench.delete(['--exclude-id', glob])).exitCode, glob).toBe(2);
      }
      expect(sentTo(bench)).toEqual([]);
    }));
});
