import { DatabaseSync } from 'node:sqlite';

import { describe, expect, it } from 'vitest';

import { suggestedCommands } from '../../support/cli/pasted.ts';
import type { CliOptions, CliResult } from '../../support/cli/cli.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

const OTHER_DIGEST = '000000000000';
const FORBID: CliOptions = { env: { IMAGES_PURGE_FORBID_YES: '1' } };

/** `delete` without `--yes`; nobody can be asked. */
function deleteList(bench: PurgeBench, more: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return bench.run(['delete', 'ids.csv', '--base-url', bench.simulator.url, '--rate', 'unlimited', '--json', ...more], options);
}

async function planned(bench: PurgeBench, more: readonly string[] = []): Promise<string> {
  const plan = await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url, '--json', ...more]);
  const { digest } = summaryOf(plan);
  expect(digest).toMatch(/^[0-9a-f]{12}$/);
  // The plan and the ending name it, and so do the commands that look later.
  expect(plan.stderr).toContain(`Digest      ${digest}`);
  expect(suggestedCommands(plan)).toContainEqual(expect.stringMatching(RegExp(`^images-purge resume .* --confirm ${digest}$`)));
  return digest ?? '';
}

describe('the digest', () => {
  it('is the same whatever the files, their order and their form, and is shown by dry run, status and summary', () =>
    withPurge({}, async (bench) => {
      const ids = [...makeIds(5), 'shop/hero.jpg', '3f0c8a44-1a2b-4c3d-8e9f-a91e00112233'];
      bench.writeIds('ids.csv', ids);
      bench.write('ids.json', JSON.stringify(ids.toReversed()));
      bench.write('a.txt', `${ids.slice(2).join('\n')}\n${ids.slice(1).join('\n')}\n`);
      bench.write('b.ndjson', `${ids.map((id) => JSON.stringify({ id })).join('\n')}\n`);
      bench.write('more.txt', `${[...ids, 'keep-1'].join('\n')}\n`);
      bench.write('keep.txt', 'keep-1\n');
      const digest = await planned(bench);
      for (const list of [['ids.json'], ['a.txt', 'b.ndjson'], ['more.txt', '--exclude', 'keep.txt']]) {
        const dryRun = await bench.run(['delete', ...list, '--base-url', bench.simulator.url, '--dry-run', '--json']);
        expect(summaryOf(dryRun).digest).toBe(digest);
        expect(dryRun.stderr).toContain(`--confirm ${digest} instead of --dry-run`);
      }
      const other = await bench.run(['delete', 'more.txt', '--base-url', bench.simulator.url, '--dry-run', '--json']);
      expect(summaryOf(other).digest).not.toBe(digest);
      expect((await bench.run(['status', 'ids.csv.checkpoint'])).stdout).toContain(`Digest      ${digest}\n`);
      expect(summaryOf(await bench.run(['status', 'ids.csv.checkpoint', '--json'])).digest).toBe(digest);
      expect(summaryOf(await bench.resume(['--confirm', digest]))).toMatchObject({ state: 'finished', digest, exitCode: 0 });
    }));

  it('is unknown until the list has been read to its end', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', `id\n${makeIds(5).join('\n')}\n"open\n`);
      expect(summaryOf(await bench.delete())).toMatchObject({ digest: null, exitCode: 5 });
      expect((await bench.run(['status', 'ids.csv.checkpoint'])).stdout).not.toContain('Digest');
      const sentBefore = bench.deleteCount;
      const refused = await bench.resume(['--confirm', '5']);
      expect(refused.exitCode).toBe(7);
      expect(refused.stderr).toContain('was not read to its end');
      expect(bench.deleteCount).toBe(sentBefore);
    }));

  it('of all shards is that of the whole list, which guards and --confirm judge, too', () =>
    withPurge({}, async (bench) => {
      const ids = makeIds(20);
      bench.writeIds('ids.csv', [...ids, ...ids.slice(3, 9)]);
      bench.writeIds('keep.txt', ids.slice(0, 4));
      const digest = await planned(bench, ['--exclude', 'keep.txt']);
      const shard = (index: number, more: readonly string[]): Promise<CliResult> =>
        deleteList(bench, ['--shard', `${index}/3`, '--checkpoint', `s${index}`, '--exclude', 'keep.txt', ...more]);
      expect((await shard(0, ['--yes', '--max-deletes', '15'])).stderr).toContain('the source holds 16 IDs');
      expect((await shard(0, ['--yes', '--min-ids', '17', '--drop-guards'])).stderr).toContain('the source holds 16 IDs');
      expect((await shard(0, ['--yes', '--min-protected', '5', '--drop-guards'])).stderr).toContain(
        '--exclude, --exclude-id and --protect-newer-than hold 4 IDs',
      );
      expect((await shard(0, ['--confirm', '15', '--drop-guards'])).stderr).toContain('--confirm consents to');
      expect(bench.simulator.record.requestCount).toBe(0);
      const summaries = [
        summaryOf(await shard(0, ['--confirm', digest])),
        summaryOf(await shard(1, ['--confirm', '16', '--max-deletes', '16'])),
        summaryOf(await shard(2, ['--yes', '--min-ids', '16'])),
      ];
      expect(summaries.map((summary) => summary.digest)).toEqual([digest, digest, digest]);
      const intakes = summaries.map(({ intake }) => intake as Record<'rows' | 'accepted' | 'duplicates' | 'protected' | 'skipped', number>);
      expect(intakes.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(16);
      for (const { rows, accepted, duplicates, protected: kept, skipped } of intakes) {
        expect(rows).toBe(26);
        expect(rows).toBe(accepted + duplicates + kept + skipped);
      }
      expect(summaryOf(await bench.run(['status', 's0', 's1', 's2', '--json'])).digest).toBe(digest);
    }));
});

describe('--confirm', () => {
  it.each([
    ['a digest', OTHER_DIGEST, `--confirm consents to the set ${OTHER_DIGEST}, and this is the set`],
    ['a number of IDs', '4', '--confirm consents to 4 IDs, and this is the set'],
  ])('of %s that is not the list’s is exit 7, with nothing sent, both shown and nothing confirmed, even with --yes', (_, value, text) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      const digest = await planned(bench);
      for (const refused of [
        await bench.resume(['--confirm', value]),
        await bench.resume(['--yes', '--confirm', value]),
        await bench.delete(['--confirm', value]),
        await deleteList(bench, ['--confirm', value, '--dry-run']),
        await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url, '--confirm', value]),
      ]) {
        expect(refused.exitCode).toBe(7);
        expect(refused.stderr).toContain(`${text} ${digest} of 5 IDs; nothing was sent.`);
        expect(refused.stderr).toContain(`To consent to this one instead:  --confirm ${digest}`);
      }
      expect((await bench.resume()).exitCode).toBe(2);
      expect(bench.simulator.record.requestCount).toBe(0);
      expect((await deleteList(bench, ['--confirm', digest, '--dry-run'])).exitCode).toBe(0);
      expect(summaryOf(await deleteList(bench, ['--confirm', '5']))).toMatchObject({ exitCode: 0, outcomes: { deleted: 5 } });
    }),
  );

  it('is compared on a purge that was confirmed before, too', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      const begun = summaryOf(await bench.delete(['--limit', '2']));
      expect((await bench.resume(['--confirm', OTHER_DIGEST])).exitCode).toBe(7);
      expect((await deleteList(bench, ['--confirm', OTHER_DIGEST])).exitCode).toBe(7);
      expect(bench.deleteCount).toBe(2);
      expect(summaryOf(await bench.resume(['--limit', '1']))).toMatchObject({ exitCode: 8 });
      expect(summaryOf(await bench.resume(['--confirm', begun.digest ?? '']))).toMatchObject({ exitCode: 0, outcomes: { deleted: 5 } });
      expect((await bench.resume(['--confirm', OTHER_DIGEST])).exitCode).toBe(7);
    }));

  it('is compared after a kill between reading and digest, and not where an older version kept one shard of the list', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(9));
      bench.writeIds('keep.txt', makeIds(1));
      const change = (sql: string): void => {
        using db = new DatabaseSync(bench.path('ids.csv.checkpoint'));
        db.exec(sql);
      };
      const digest = await planned(bench);
      change('UPDATE state SET digest = NULL, set_size = NULL');
      expect(summaryOf(await bench.resume(['--confirm', digest, '--exclude', 'keep.txt']))).toMatchObject({ exitCode: 0, digest });

      await planned(bench, ['--shard', '0/2']);
      change("UPDATE state SET digest = NULL, set_size = NULL; UPDATE definition SET json = json_remove(json, '$.otherShardsCount')");
      const unknown = await bench.resume(['--confirm', digest]);
      expect(unknown.exitCode).toBe(7);
      expect(unknown.stderr).toContain('an older version read this list');
      expect(bench.deleteCount).toBe(8);
    }));

  it('that was right is remembered: going on asks nobody', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      const digest = await planned(bench);
      bench.simulator.beginOutage('503');
      expect((await bench.resume(['--confirm', digest, '--give-up-after', '1s'])).exitCode).toBe(4);
      bench.simulator.endOutage();
      expect(summaryOf(await bench.resume())).toMatchObject({ state: 'finished', exitCode: 0 });
    }));

  it('holds with more protection than the plan had, and not with less', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      bench.writeIds('keep.txt', makeIds(2));
      const digest = await planned(bench);
      const resumed = summaryOf(await bench.resume(['--confirm', digest, '--exclude', 'keep.txt']));
      expect(resumed).toMatchObject({ digest, exitCode: 0, intake: { protected: 2 }, outcomes: { deleted: 3 } });

      const rehearsed = summaryOf(await deleteList(bench, ['--exclude', 'keep.txt', '--dry-run'])).digest ?? '';
      expect(rehearsed).not.toBe(digest);
      const unprotected = await deleteList(bench, ['--checkpoint', 'other', '--confirm', rehearsed]);
      expect(unprotected.exitCode).toBe(7);
      expect(unprotected.stderr).toContain(`the set ${digest} of 5 IDs`);
      expect(bench.simulator.record.deleted.size).toBe(3);
    }));

  it.each(['1a2b3c4d5e6', '1a2b3c4d5e6f0', '-1', '5%', 'all', '1e3', '١٢'])('%j is neither a digest nor a number: exit 2', (value) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      const refused = await deleteList(bench, [`--confirm=${value}`]);
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toContain('must be the digest of a plan (12 hexadecimal digits) or a number of IDs');
      expect(bench.simulator.record.requestCount).toBe(0);
    }),
  );
});

describe('IMAGES_PURGE_FORBID_YES', () => {
  it('makes a bare --yes exit 2, given as a flag or in the environment, and lets --confirm through', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      const digest = await planned(bench);
      for (const refused of [
        await bench.delete([], FORBID),
        await deleteList(bench, [], { env: { ...FORBID.env, IMAGES_PURGE_YES: 'true' } }),
        await bench.resume(['--yes'], FORBID),
      ]) {
        expect(refused.exitCode).toBe(2);
        expect(refused.stderr).toContain('IMAGES_PURGE_FORBID_YES forbids it');
        expect(refused.stderr).toContain('--confirm DIGEST');
        expect(refused.stderr).not.toContain('is no option of images-purge');
      }
      expect((await deleteList(bench, ['--dry-run'], { env: { IMAGES_PURGE_FORBID_YES: 'maybe' } })).exitCode).toBe(2);
      expect(bench.simulator.record.requestCount).toBe(0);
      expect(summaryOf(await bench.resume(['--yes', '--confirm', digest, '--limit', '1'], FORBID))).toMatchObject({ exitCode: 8 });
      // What was confirmed stays so.
      expect(summaryOf(await bench.resume(['--limit', '1'], FORBID))).toMatchObject({ exitCode: 8 });
      expect(summaryOf(await bench.resume(['--yes'], { env: { IMAGES_PURGE_FORBID_YES: 'no' } }))).toMatchObject({ exitCode: 0 });
    }));
});
