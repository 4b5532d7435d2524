import { rmSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { TEST_ACCOUNT } from '../../support/cli/cli.ts';
import { makeIds, type PurgeBench, summaryOf, withPurge } from '../../support/purge/purge.ts';

/** The command that a text names, as its arguments. */
function commandIn(text: string, after: string): string[] {
  const command = new RegExp(`${after} *images-purge (.*?) *(?:exit \\d+)?$`, 'm').exec(text)?.[1];
  if (command === undefined) throw new Error(`no command after "${after}" in:\n${text}`);
  return command.split(' ');
}

const carriedOut = (bench: PurgeBench, command: readonly string[]): ReturnType<PurgeBench['run']> =>
  bench.run([...command, '--yes', '--json', '--rate', 'unlimited']);

/** A list is given again for the same account at the same API root. */
const accountOf = (bench: PurgeBench): string[] => ['--account-id', TEST_ACCOUNT, '--base-url', bench.simulator.url];

describe('a purge whose sources were not read to their end', () => {
  /** Leaves a purge of two sources, the second of them broken. */
  async function twoSources(bench: PurgeBench, more: readonly string[]): Promise<void> {
    bench.write(
      'ids.csv',
      `key,other\n${makeIds(5)
        .map((id) => `${id},x`)
        .join('\n')}\n`,
    );
    bench.write('more.csv', 'key,other\nlast,x\n"open\n');
    const broken = await bench.run([
      'delete',
      'ids.csv',
      'more.csv',
      '--checkpoint',
      'c',
      '--column',
      'key',
      '--yes',
      '--base-url',
      bench.simulator.url,
      ...more,
    ]);
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
      const command = commandIn(resumed.stderr, 'Give the source again:');
      expect(command).toEqual(['delete', 'ids.csv', 'more.csv', '--checkpoint', 'c', '--column', 'key', ...more, ...accountOf(bench)]);
      bench.write('more.csv', 'key,other\nlast,x\n');
      expect(summaryOf(await carriedOut(bench, command))).toMatchObject({ state: 'finished', outcomes: { deleted: 6 } });
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
      expect(commandIn(stopped.stderr, 'Go on with:')).toEqual(['delete', '-', '--checkpoint', 'c', ...accountOf(bench)]);
      const status = await bench.run(['status', 'c']);
      expect(commandIn(status.stdout, 'Next:')).toEqual(['delete', '-', '--checkpoint', 'c', ...accountOf(bench)]);
    }));

  it('is told so by an error that ends the run while they are being read', () =>
    withPurge({ tokenRevokedAfter: 5 }, async (bench) => {
      const running = bench.startPipe(['--checkpoint', 'c']);
      running.child.stdin?.write(`id\n${makeIds(20).join('\n')}\n`);
      const refused = await running.finished;
      expect(refused.exitCode).toBe(3);
      expect(commandIn(refused.stderr, 'Then go on with:')).toEqual(['delete', '-', '--checkpoint', 'c', ...accountOf(bench)]);
    }));

  it('is told to protect again what was protected where nothing was done, as the next run begins again', () =>
    withPurge({}, async (bench) => {
      bench.simulator.override(({ method }) =>
        method === 'DELETE' ? { status: 401, headers: {}, body: '{"success":false,"errors":[{"code":10000}]}' } : undefined,
      );
      bench.write('protected.txt', 'image-000003\n');
      const running = bench.startPipe(['--checkpoint', 'c', '--exclude', 'protected.txt', '--fail-on-absent']);
      running.child.stdin?.write(`id\n${makeIds(20).join('\n')}\n`);
      const refused = await running.finished;
      expect(refused.exitCode).toBe(3);
      const command = commandIn(refused.stderr, 'Then go on with:');
      expect(command).toEqual(['delete', '-', '--checkpoint', 'c', '--exclude', 'FILE', '--fail-on-absent', ...accountOf(bench)]);
      expect(commandIn((await bench.run(['status', 'c'])).stdout, 'Next:')).toEqual(command);

      bench.simulator.override(() => undefined);
      const given = { input: `id\n${makeIds(20).join('\n')}\n` };
      const options = ['--yes', '--json', '--rate', 'unlimited'];
      const asItStands = await bench.run([...command, ...options], given);
      expect(asItStands.exitCode).toBe(2);
      expect(asItStands.stderr).toContain('the exclude file FILE cannot be used');
      expect(commandIn((await bench.run(['status', 'c'])).stdout, 'Next:')).toEqual(command);

      const named = command.map((word) => (word === 'FILE' ? 'protected.txt' : word));
      expect(summaryOf(await bench.run([...named, ...options], given))).toMatchObject({
        state: 'finished',
        intake: { protected: 1 },
        outcomes: { deleted: 19 },
      });
    }));

  it('is told to plan it again with the guards of the plan, which the next one replaces', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', 'id\na\nb\n"open\n');
      bench.write('protected.txt', 'a\n');
      const broken = await bench.run([
        'plan',
        'ids.csv',
        '--base-url',
        bench.simulator.url,
        '--exclude',
        'protected.txt',
        '--max-deletes',
        '10%',
        '--strict',
      ]);
      expect(broken.exitCode).toBe(5);
      const status = await bench.run(['status', 'ids.csv.checkpoint']);
      expect(commandIn(status.stdout, 'Next:')).toEqual([
        'plan',
        'ids.csv',
        '--exclude',
        'FILE',
        '--strict',
        '--max-deletes',
        '10%',
        ...accountOf(bench),
      ]);
    }));
});

it('a purge whose list was read to its end goes on with the command that is named', () =>
  withPurge({}, async (bench) => {
    bench.writeIds('ids.csv', makeIds(10));
    const limited = await bench.delete(['--limit', '3']);
    const command = commandIn(limited.stderr, 'Go on with:');
    expect(command).toEqual(['resume', 'ids.csv.checkpoint']);
    expect(summaryOf(await carriedOut(bench, command))).toMatchObject({ state: 'finished', outcomes: { deleted: 10 } });
  }));

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
