import { rmSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { TEST_ACCOUNT } from '../../support/cli/cli.ts';
import { pasted, suggestedAfter } from '../../support/cli/pasted.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

/** Every suggested command is for the same account at the same API root. */
const accountOf = (bench: PurgeBench): string => `--account-id ${TEST_ACCOUNT} --base-url ${bench.simulator.url}`;

describe('a purge whose sources were not read to their end', () => {
  /** Leaves a purge of two sources, the second of them broken. */
  async function twoSources(bench: PurgeBench, more: readonly string[]): Promise<void> {
    const rows = makeIds(5).map((id) => `${id},x\n`);
    bench.write('ids.csv', `key,other\n${rows.join('')}`);
    bench.write('more.csv', 'key,other\nlast,x\n"open\n');
    const sources = ['ids.csv', 'more.csv', '--checkpoint', 'c', '--column', 'key'];
    const broken = await bench.run(['delete', ...sources, '--yes', '--base-url', bench.simulator.url, ...more]);
    expect(broken.exitCode).toBe(5);
  }

  it.each([
    ['exit 7, where a guard waits for the end', ['--min-ids', '1'], 7],
    ['exit 5, where what was accepted has been carried out', [], 5],
  ])('is told by resume how to give them again: %s', (_, more, exitCode) =>
    withPurge({}, async (bench) => {
      await twoSources(bench, more);
      const resumed = await bench.run(['resume', 'c', '--yes', '--rate', 'unlimited']);
      expect(resumed.exitCode).toBe(exitCode);
      const command = suggestedAfter('Give the source again:', resumed);
      const words = ['images-purge delete', bench.path('ids.csv'), bench.path('more.csv'), '--checkpoint', bench.path('c'), '--column key'];
      expect(command).toBe([...words, ...more, accountOf(bench), '--rate unlimited'].join(' '));
      bench.write('more.csv', 'key,other\nlast,x\n');
      expect(summaryOf(await pasted(`${command} --yes --json`))).toMatchObject({ state: 'finished', outcomes: { deleted: 6 } });
    }),
  );

  it('is told by status, and when it is stopped, to give them again and not to resume', () =>
    withPurge({ latencyMs: 5 }, async (bench) => {
      const running = bench.startPipe(['--checkpoint', 'c']);
      running.child.stdin?.write(`id\n${makeIds(20).join('\n')}\n`);
      await bench.simulator.whenRequests(10);
      running.child.kill('SIGTERM');
      const stopped = await running.finished;
      expect(stopped.exitCode).toBe(143);
      const command = suggestedAfter('Go on with:', stopped);
      expect(command).toBe(`images-purge delete - --checkpoint ${bench.path('c')} ${accountOf(bench)} --rate unlimited < FILE`);
      expect(suggestedAfter('Next:', await bench.run(['status', 'c']))).toBe(command);
      // As it stands it begins nothing: the shell finds no FILE.
      expect(await pasted(command)).toMatchObject({ exitCode: 1, stdout: '' });
      bench.writeIds('list', makeIds(20));
      expect(await pasted(`${command.replace('FILE', bench.path('list'))} --yes`)).toMatchObject({ exitCode: 0 });
      expect(bench.simulator.record.deleted.size).toBe(20);
    }));

  it('is told to protect again what was protected where nothing was done, as the next run begins again', () =>
    withPurge({}, async (bench) => {
      bench.simulator.override(({ method }) =>
        method === 'DELETE' ? { status: 401, headers: {}, body: '{"success":false,"errors":[{"code":10000}]}' } : undefined,
      );
      bench.write('keep.csv', 'n,key\n1,image-000003\n');
      const running = bench.startPipe(['--checkpoint', 'c', '--exclude', 'keep.csv', '--exclude-column', 'key', '--fail-on-absent']);
      running.child.stdin?.write(`id\n${makeIds(20).join('\n')}\n`);
      const refused = await running.finished;
      expect(refused.exitCode).toBe(3);
      const command = suggestedAfter('Then go on with:', refused);
      expect(suggestedAfter('Next:', await bench.run(['status', 'c']))).toBe(command);

      bench.simulator.override(() => undefined);
      bench.writeIds('list', makeIds(20));
      expect(summaryOf(await pasted(`${command.replace('FILE', bench.path('list'))} --yes --json`))).toMatchObject({
        state: 'finished',
        intake: { protected: 1 },
        outcomes: { deleted: 19 },
      });
    }));

  it('is told to plan it again with the guards of the plan, which the next one replaces', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', 'id\na\nb\n"open\n');
      bench.write('keep.txt', 'a\n');
      const guards = [
        '--exclude',
        'keep.txt',
        '--exclude-literal',
        '--max-deletes',
        '10%',
        '--strict',
        '--min-protected',
        '1',
        '--literal',
      ];
      const broken = await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url, '--rate', '20/s', ...guards]);
      expect(broken.exitCode).toBe(5);
      const command = suggestedAfter('Next:', await bench.run(['status', 'ids.csv.checkpoint']));
      expect(command).toBe(
        `images-purge plan ${bench.path('ids.csv')} --literal --exclude ${bench.path('keep.txt')} --exclude-literal ` +
          `--strict --min-protected 1 --max-deletes 10% ${accountOf(bench)} --rate 20/s`,
      );
      bench.writeIds('ids.csv', ['a', 'b']);
      expect(summaryOf(await pasted(`${command} --json`))).toMatchObject({ state: 'planned', intake: { accepted: 1, protected: 1 } });
    }));
});

it('a source that is missing when the purge goes on is said to be so once', () =>
  withPurge({}, async (bench) => {
    bench.writeIds('ids.csv', makeIds(10));
    await bench.delete(['--limit', '3']);
    rmSync(bench.path('ids.csv'));
    const missing = await bench.delete();
    expect(missing.exitCode).toBe(5);
    expect(missing.stderr.match(/cannot be read/g)).toHaveLength(1);
    expect(missing.stderr).toContain('ENOENT');
  }));

describe('a dry run', () => {
  it('is a plan that was made to its end, not an unfinished purge', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(20));
      const result = await bench.delete(['--dry-run']);
      expect(summaryOf(result)).toMatchObject({ state: 'planned', outcomes: { planned: 20 }, pending: 0, exitCode: 0 });
      expect(result.stderr).toContain('Dry run: 20 IDs would be deleted');
    }));

  it('asked for by the environment is refused by resume, which would delete', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url]);
      const refused = await bench.resume(['--yes'], { env: { IMAGES_PURGE_DRY_RUN: '1' } });
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toContain('IMAGES_PURGE_DRY_RUN');
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it('that is stopped leaves nothing to go on with, and says so', () =>
    withPurge({}, async (bench) => {
      const running = bench.startPipe(['--dry-run']);
      running.child.stdin?.write('id\na\nb\n');
      await running.waitForStderr(/intake\.started|reading/);
      running.child.kill('SIGINT');
      const stopped = await running.finished;
      expect(stopped.exitCode).toBe(130);
      expect(stopped.stderr).toMatch(/Stopped by SIGINT: \d+ IDs were read so far; nothing was sent/);
      expect(stopped.stderr).not.toContain('images-purge resume');
      expect(stopped.stderr).not.toContain('Go on with');
    }));
});
