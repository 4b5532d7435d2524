import { mkdirSync, readdirSync, statSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import type { Override } from '../../../src/simulator/script.ts';
import { failure, noSuchImage } from '../../../src/simulator/simulated-answers.ts';
import type { CliResult } from '../../support/cli/cli.ts';
import { backupProblems, readBackup, savedBytes } from '../../support/purge/backup.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

const ODD_IDS = [
  '../../etc/passwd',
  'Hero.jpg',
  'hero.JPG',
  'a/b/../c',
  'caf\u00e9',
  'cafe\u0301',
  'con',
  'x'.repeat(1_024),
  '100%25 \u{1F5BC}',
];
const BACKUP = ['--backup', 'saved'];

/** The originals of these IDs are answered so; everything else as always. */
function originals(answerOf: Readonly<Record<string, ReturnType<Override>>>): Override {
  return ({ rawUrl, id }) => (rawUrl.endsWith('/blob') && id !== undefined ? answerOf[id] : undefined);
}

function deletesOf(bench: PurgeBench): string[] {
  return [...bench.simulator.record.deleteRequests.keys()];
}

describe('--backup', () => {
  it('an image is whole in the backup before its DELETE is sent, whatever its ID; two requests more for each', () =>
    withPurge({}, async (bench) => {
      const ids = [...ODD_IDS, ...makeIds(30)];
      bench.write('ids.txt', ids.join('\n'));
      const late: string[] = [];
      bench.simulator.override(({ method, id = '' }) => {
        if (method === 'DELETE') late.push(...backupProblems(bench.path('saved'), [id]));
        return undefined;
      });
      const result = await bench.run([...bench.deleteArgs('ids.txt', ...BACKUP), '--checkpoint', 'ids.csv.checkpoint', '--json']);
      expect(result.exitCode).toBe(0);
      expect(late).toEqual([]);
      expect(backupProblems(bench.path('saved'), ids)).toEqual([]);
      // Stats, a sample for the room it takes, and three for each image.
      expect(bench.simulator.record.requestCount).toBe(1 + 1 + 3 * ids.length);
      expect(result.stderr).toContain('"event":"backup.finished"');
      const status = (...more: string[]): Promise<CliResult> => bench.run(['status', 'ids.csv.checkpoint', ...more]);
      for (const { stdout } of [result, await status('--json')])
        expect(JSON.parse(stdout)).toMatchObject({ backupFolders: [bench.path('saved')] });
      expect(result.stderr).toContain(`\n  backup   ${bench.path('saved')}\n`);
      expect((await status()).stdout).toContain(`\nBackup      ${bench.path('saved')}\n`);
      const saved = readBackup(bench.path('saved'));
      expect(saved.get('caf\u00e9')).toMatchObject({ contentType: 'image/gif', image: { filename: 'caf\u00e9.gif', meta: {} } });
      const names = readdirSync(bench.path('saved'), { recursive: true, encoding: 'utf8' });
      for (const name of names) expect(name.length, name).toBeLessThan(100);
      const files = names.map((name) => statSync(bench.path(`saved/${name}`))).filter((file) => file.isFile());
      expect(files.every(({ mode }) => (mode & 0o777) === 0o600)).toBe(true);
      expect(readdirSync(bench.path('saved/partial'))).toEqual([]);
    }));

  it('an image that is not there is absent, and no DELETE is sent for it', () =>
    withPurge({ images: { kind: 'list', ids: ['there'] } }, async (bench) => {
      bench.writeIds('ids.csv', ['gone', 'there', 'just-gone']);
      bench.simulator.override(({ id, rawUrl }) =>
        id === 'just-gone' ? (rawUrl.endsWith('/blob') ? noSuchImage() : undefined) : undefined,
      );
      const result = await bench.delete([...BACKUP, '--expect-absent']);
      expect(summaryOf(result)).toMatchObject({ exitCode: 0, outcomes: { deleted: 1, absent: 2 } });
      expect(deletesOf(bench)).toEqual(['there']);
    }));

  it('what cannot be saved is failed, "not backed up", and not deleted; tried again, it is', () =>
    withPurge(
      {
        images: {
          kind: 'detailed',
          images: ['a', 'e', 'm', 'p', 'z', 'good'].map((id) => ({ id })).concat([{ id: 'draft', draft: true } as { id: string }]),
        },
      },
      async (bench) => {
        bench.writeIds('ids.csv', ['a', 'e', 'm', 'p', 'z', 'good', 'draft']);
        bench.simulator.override(
          originals({
            a: failure(500, 5500, 'Internal server error'),
            e: { status: 200, headers: { 'content-type': 'image/png' }, body: '' },
            m: failure(400, 5400, 'Bad request'),
            p: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in to this network</html>' },
            z: { status: 200, headers: { 'content-type': 'image/png', 'content-encoding': 'gzip' }, body: 'xx' },
          }),
        );
        const result = await bench.delete([...BACKUP, '--max-attempts', '2']);
        expect(summaryOf(result)).toMatchObject({ exitCode: 1, outcomes: { deleted: 1, failed: 6 } });
        const messages = Object.fromEntries(bench.report().map(({ id, message }) => [id, message]));
        expect(messages).toMatchObject({
          a: 'not backed up: Internal server error',
          e: expect.stringContaining('not backed up: HTTP 200, and the image is empty') as string,
          m: 'not backed up: Bad request',
          p: expect.stringContaining('what came is no image but text/html') as string,
          z: expect.stringContaining('compressed') as string,
          draft: 'not backed up: a draft, to which nothing was uploaded yet',
        });
        expect(deletesOf(bench)).toEqual(['good']);
        expect(readdirSync(bench.path('saved/partial'))).toEqual([]);

        bench.simulator.override(undefined);
        const again = await bench.resume(['--retry-failed', '--yes']);
        expect(summaryOf(again)).toMatchObject({ exitCode: 1, outcomes: { deleted: 6, failed: 1 } });
        expect(backupProblems(bench.path('saved'), ['a', 'e', 'm', 'p', 'z', 'good'])).toEqual([]);
      },
    ));

  it('is a guard: a plan and a checkpoint keep it, and a command without it is refused', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', ['a', 'b']);
      const plan = await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url, ...BACKUP]);
      expect(plan.stderr).toContain(`each image is saved to ${bench.path('saved')} first, with 2 more requests for each`);
      bench.write('other.csv', 'id\nc\n');
      const lacks = await bench.run(bench.deleteArgs('other.csv', '--checkpoint', 'ids.csv.checkpoint', '--supersede'));
      expect(lacks.exitCode).toBe(7);
      expect(lacks.stderr).toContain(`--backup ${bench.path('saved')}`);
      expect((await bench.resume(['--limit', '1', '--yes'])).exitCode).toBe(8);
      expect((await bench.resume(['--backup', 'elsewhere'])).exitCode).toBe(0);
      expect([...readBackup(bench.path('saved')).keys()]).toEqual(['a']);
      expect([...readBackup(bench.path('elsewhere')).keys()]).toEqual(['b']);
    }));

  it("somebody else's folder and another account's are refused, and so are batch tokens; nothing is sent", () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', ['a']);
      mkdirSync(bench.path('photos'));
      bench.write('photos/cat.jpg', 'x');
      const foreign = await bench.delete(['--backup', 'photos']);
      expect(foreign.exitCode).toBe(2);
      expect(foreign.stderr).toContain('holds other files (cat.jpg)');
      bench.write('backup.json', '');
      mkdirSync(bench.path('other'));
      const header = { format: 'images-purge backup', version: 1, accountId: 'f'.repeat(32), baseUrl: bench.simulator.url };
      bench.write('other/backup.json', JSON.stringify(header));
      expect((await bench.delete(['--backup', 'other'])).exitCode).toBe(7);
      expect((await bench.delete([...BACKUP, '--batch-tokens', '2', '--batch-base-url', bench.simulator.batchUrl])).exitCode).toBe(2);
      bench.write('a-file', 'x');
      const unwritable = await bench.delete(['--backup', 'a-file/saved']);
      expect(unwritable.exitCode).toBe(5);
      expect(unwritable.stderr).toMatch(/the backup .*a-file\/saved cannot be written \(ENOTDIR/);
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it('large images pass through, at a pace that the disk keeps up with', () => {
    const original = Buffer.alloc(12_000_000, 'image');
    return withPurge({ images: { kind: 'detailed', images: makeIds(4).map((id) => ({ id, original })) } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(4));
      expect((await bench.delete(BACKUP)).exitCode).toBe(0);
      const saved = readBackup(bench.path('saved'));
      expect(saved.size).toBe(4);
      for (const entry of saved.values()) expect(Buffer.compare(savedBytes(bench.path('saved'), entry), original)).toBe(0);
    });
  });
});
