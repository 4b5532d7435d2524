import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { makeIds, type PurgeBench, summaryOf, withPurge, withPurgeProcesses } from '../../support/purge/purge.ts';
import { CLI_PATH, type RunningCli, startProgram, TEST_TOKEN } from '../../support/cli/cli.ts';
import { writeProgram } from '../../support/cli/pasted.ts';
import { createGate } from '../../support/purge/traffic.ts';

const HAS_NPX = spawnSync('npx', ['--version']).status === 0;

describe('exit code', () => {
  it('0: every ID is gone, absent ones among them', () =>
    withPurge({ images: { kind: 'list', ids: makeIds(50) } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(60));
      const result = await bench.delete();
      expect(summaryOf(result)).toMatchObject({ state: 'finished', outcomes: { deleted: 50, absent: 10, failed: 0 }, exitCode: 0 });
      expect(result.exitCode).toBe(0);
    }));

  it('0 for an empty source, with a warning', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', 'id\n');
      const result = await bench.delete();
      expect(result.exitCode).toBe(0);
      expect(result.stderr).toContain('ids.csv holds no rows');
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it('1: some IDs failed and some rows were rejected, and the report says which', () =>
    withPurge({ rules: { poisonIds: [], refusedIds: ['image-000003'], firewallIds: ['image-000005'] } }, async (bench) => {
      bench.writeIds('ids.csv', [...makeIds(10), 'variants/hero', '..']);
      const result = await bench.delete();
      expect(result.exitCode).toBe(1);
      const lines = bench.report();
      expect(lines.find(({ id }) => id === 'image-000003')).toMatchObject({ outcome: 'failed', httpStatus: 400, code: 5400 });
      expect(lines.find(({ id }) => id === 'image-000005')).toMatchObject({ outcome: 'failed', httpStatus: 403 });
      expect(lines.filter(({ outcome }) => outcome === 'rejected').map(({ raw, line }) => [raw, line])).toEqual([
        ['variants/hero', 12],
        ['..', 13],
      ]);
      expect(bench.deleteCount).toBe(10);
    }));

  it('1 with --fail-on-absent, where an ID was absent and no earlier request of ours can be the reason', () =>
    withPurge({ images: { kind: 'list', ids: makeIds(5) } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(6));
      const result = await bench.delete(['--fail-on-absent']);
      expect(result.exitCode).toBe(1);
      expect(result.stderr).toContain('1 not there when this purge came to them (--fail-on-absent)');
    }));

  it('2 for an unknown option, and nothing is sent', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(1));
      for (const option of ['--metrics', '--what']) {
        const result = await bench.delete([option, '1']);
        expect(result.exitCode).toBe(2);
        expect(result.stderr).toContain(option);
      }
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it('2 without --yes where nobody can be asked, before anything is read', () =>
    withPurge({}, async (bench) => {
      const result = await bench.run(['delete', 'missing.csv']);
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toContain('--yes');
    }));

  it('3 when the token is refused, nothing marked failed; with a good one the same command finishes', () =>
    withPurge({ tokenRevokedAfter: 200 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(500));
      const refused = await bench.delete();
      expect(refused.exitCode).toBe(3);
      expect(refused.stderr).toMatch(/refused the credentials \(403, code 10000 "Authentication error"\)/);
      expect(refused.stderr).toContain(`images-purge resume ${bench.path('ids.csv.checkpoint')} `);
      expect(summaryOf(refused)).toMatchObject({ state: 'unfinished', outcomes: { failed: 0 } });
      const deletedThen = bench.simulator.record.deleted.size;
      expect(summaryOf(refused).outcomes['deleted']).toBe(deletedThen);
    }));

  it('3 for an account the API does not know', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      const result = await bench.delete([], { env: { CLOUDFLARE_ACCOUNT_ID: 'f'.repeat(32) } });
      expect(result.exitCode).toBe(3);
      expect(result.stderr).toContain('7003');
      expect(bench.deleteCount).toBe(0);
    }));

  it('3 for an address that is not the API, which it does not mistake for absent images', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      const result = await bench.run(['delete', 'ids.csv', '--yes', '--base-url', bench.simulator.url.replace('/client/v4', '/elsewhere')]);
      expect(result.exitCode).toBe(3);
      expect(result.stderr).toContain('--base-url');
      expect(bench.simulator.record.deleted.size).toBe(0);
    }));

  it('4 when no ID gets a final answer for --give-up-after', () =>
    withPurge({}, async (bench) => {
      bench.simulator.beginOutage('503');
      bench.writeIds('ids.csv', makeIds(50));
      const result = await bench.delete(['--give-up-after', '2s', '--max-attempts', '2']);
      expect(result.exitCode).toBe(4);
      expect(result.stderr).toContain(`images-purge resume ${bench.path('ids.csv.checkpoint')} `);
    }));

  it('4 at once where Retry-After goes beyond --give-up-after, naming the time of going on', () =>
    withPurge({ quota: { kind: 'fixed', requests: 20, windowMs: 3_600_000, blockMs: 0, burst: 0 } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(50));
      const result = await bench.delete(['--give-up-after', '10s']);
      expect(result.exitCode).toBe(4);
      expect(result.stderr).toMatch(/asks to wait 1 h, until/);
      expect(summaryOf(result).outcomes).toMatchObject({ failed: 0 });
    }));

  it('5 for a source that is broken, naming source and line, and no later row is sent', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', `id\n${makeIds(10).join('\n')}\n"open\n${makeIds(10, 'later').join('\n')}\n`);
      const result = await bench.delete(['--min-ids', '1']);
      expect(result.exitCode).toBe(5);
      expect(result.stderr).toContain('ids.csv, line 12: a quote is opened and never closed');
      expect(bench.deleteCount).toBe(0);
      bench.writeIds('ids.csv', [...makeIds(10), 'open']);
      const fixed = await bench.delete(['--min-ids', '1']);
      expect(fixed.exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(11);
    }));

  it('6 while another run holds the checkpoint', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(500));
      const secondIsRefused = createGate();
      bench.simulator.override(({ seq }) => (seq > 20 ? secondIsRefused.opened.then(() => undefined) : undefined));
      const first = bench.startDelete();
      await bench.simulator.whenRequests(20);
      const second = await bench.delete();
      expect(second.exitCode).toBe(6);
      expect(second.stderr).toContain('another run holds');
      first.child.kill('SIGTERM');
      await first.waitForStderr(/stopping/);
      secondIsRefused.open();
      expect((await first.finished).exitCode).toBe(143);
    }));

  it('7 where a guard refuses, and nothing is sent', () =>
    withPurge({ statsCount: 100 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(30));
      for (const guard of [
        ['--min-ids', '31'],
        ['--max-deletes', '29'],
        ['--max-deletes', '29%'],
      ]) {
        const result = await bench.delete([...guard, '--drop-guards']);
        expect(result).toMatchObject({ exitCode: 7 });
        expect(result.stderr).toContain(guard[0]);
      }
      expect(bench.deleteCount).toBe(0);
      expect((await bench.delete(['--max-deletes', '30%', '--drop-guards'])).exitCode).toBe(0);
    }));

  it('7 with --strict and a rejected row, and nothing is sent', () =>
    withPurge({}, async (bench) => {
      bench.write('ids.csv', 'id,name\na,1\nb,2,x\n');
      const result = await bench.delete(['--strict']);
      expect(result.exitCode).toBe(7);
      expect(bench.simulator.record.requestCount).toBe(0);
    }));

  it('8 when --limit leaves IDs, and the next run takes the rest', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(50));
      const canary = await bench.delete(['--limit', '10']);
      expect(canary.exitCode).toBe(8);
      expect([...bench.simulator.record.deleted].sort()).toEqual(makeIds(10));
      expect((await bench.resume()).exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(50);
      expect(bench.deleteCount).toBe(50);
    }));

  it('8 when more than --max-failures have failed', () =>
    withPurge({ rules: { poisonIds: [], refusedIds: makeIds(100), firewallIds: [] } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(1_000));
      const result = await bench.delete(['--max-failures', '5', '--concurrency', '2']);
      expect(result.exitCode).toBe(8);
      expect(summaryOf(result).outcomes['failed']).toBeLessThan(10);
    }));

  it.each(['5', '10%'])('8 when more than --max-absent %s are absent', (max) =>
    withPurge({ images: { kind: 'list', ids: makeIds(500) } }, async (bench) => {
      bench.writeIds('ids.csv', [...makeIds(20), ...makeIds(500, 'wrong'), ...makeIds(500).slice(20)]);
      const result = await bench.delete(['--max-absent', max, '--concurrency', '2']);
      expect(result.exitCode).toBe(8);
      expect(result.stderr).toContain('Stopped by --max-absent: ');
      expect(summaryOf(result)).toMatchObject({ state: 'unfinished', outcomes: { deleted: 20 } });
      expect(bench.deleteCount).toBeLessThan(110);
      // A brake of the run: it is not recorded.
      expect((await bench.delete()).exitCode).toBe(0);
    }),
  );

  it('8 when --max-duration is over', () =>
    withPurge({ latencyMs: 20 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5_000));
      expect((await bench.delete(['--max-duration', '1s'])).exitCode).toBe(8);
      expect((await bench.delete(['--concurrency', '200'])).exitCode).toBe(0);
      expect(bench.deleteCount).toBe(5_000);
    }));

  // So long that even a busy machine has read both rows by then.
  it.concurrent.each([
    ['a plan', ['plan', '-']],
    ['a dry run', ['delete', '-', '--dry-run']],
  ])('8 when --max-duration is over before %s has read its source to the end; 0 where it is not', (_, command) =>
    withPurgeProcesses({}, async (bench) => {
      const args = [...command, '--checkpoint', 'c', '--json', '--max-duration'];
      const running = bench.start([...args, '10s'], { keepsInputOpen: true });
      running.child.stdin?.write('id\nimage-1\nimage-2\n');
      const stopped = await running.finished;
      expect(stopped.stderr).toContain('"stopped by --max-duration"');
      expect(stopped.exitCode).toBe(8);
      expect(summaryOf(stopped)).toMatchObject({ intake: { complete: false }, exitCode: 8 });
      const whole = await bench.run([...args, '10m'], { input: 'image-1\nimage-2\n' });
      expect(whole.exitCode).toBe(0);
      expect(bench.simulator.record.requestCount).toBe(0);
    }),
  );

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s: what was answered is recorded, nothing is sent twice afterwards', (signal, code) =>
    withPurge({ latencyMs: 5 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(2_000));
      const running = bench.startDelete();
      await bench.simulator.whenRequests(300);
      running.child.kill(signal);
      const stopped = await running.finished;
      expect(stopped.exitCode).toBe(code);
      expect(summaryOf(stopped).outcomes['deleted']).toBe(bench.simulator.record.deleted.size);
      expect((await bench.delete()).exitCode).toBe(0);
      expect(bench.deleteCount).toBe(2_000);
      expect(bench.outcomes().size).toBe(2_000);
    }),
  );

  it('a second signal ends at once, and what was committed stays', () =>
    withPurge({}, async (bench) => {
      bench.simulator.setFaults({ hang: 1 });
      bench.writeIds('ids.csv', makeIds(100));
      const running = bench.startDelete();
      await bench.simulator.whenRequests(10);
      running.child.kill('SIGTERM');
      await running.waitForStderr(/stopping/);
      running.child.kill('SIGTERM');
      expect((await running.finished).exitCode).toBe(143);
      bench.simulator.setFaults({ hang: 0 });
      expect((await bench.delete()).exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(100);
    }));

  it('requests that hang are given up 7 s after the first signal and stay pending', () =>
    withPurge({}, async (bench) => {
      bench.simulator.setFaults({ hang: 1 });
      bench.writeIds('ids.csv', makeIds(100));
      const running = bench.startDelete();
      await bench.simulator.whenRequests(10);
      running.child.kill('SIGINT');
      const stopped = await running.finished;
      expect(stopped.exitCode).toBe(130);
      expect(summaryOf(stopped)).toMatchObject({ pending: 100, state: 'unfinished' });
    }));

  it('no output holds the token', () =>
    withPurge({ tokenRevokedAfter: 50 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(100));
      const result = await bench.delete(['--log-level', 'trace']);
      for (const text of [result.stdout, result.stderr, bench.read('ids.csv.checkpoint.report.ndjson'), bench.read('ids.csv.checkpoint')])
        expect(text).not.toContain(TEST_TOKEN);
    }));
});

describe('a silent pipe', () => {
  it.each([
    ['a signal', [], 143, 'Stopped by SIGTERM; nothing was sent.'],
    ['--max-duration', ['--max-duration', '1s'], 8, 'Stopped by --max-duration; nothing was sent.'],
  ] as const)('that has sent nothing yet is let go of at %s, which is told', (_, options, exitCode, text) =>
    withPurge({}, async (bench) => {
      const running = bench.startPipe(['--checkpoint', 'c', ...options]);
      if (options.length === 0) {
        await bench.untilExists('c.lock');
        running.child.kill('SIGTERM');
      }
      const stopped = await running.finished;
      expect(stopped.exitCode).toBe(exitCode);
      expect(JSON.parse(stopped.stdout)).toMatchObject({
        state: null,
        exitCode,
        endedBecause: text.slice(0, text.indexOf(';')).replace('S', 's'),
        error: null,
      });
      expect(stopped.stderr).toMatch(new RegExp(`${text}\nexit ${exitCode}\n$`));
      expect(existsSync(bench.path('c.lock'))).toBe(false);
    }),
  );

  it.each([
    ['before its first line', ''],
    ['in the middle', 'id\nimage-1\nimage-2\nimage-3\n'],
  ])('%s does not keep a stopped run waiting', (_, input) =>
    withPurge({}, async (bench) => {
      const running = bench.startPipe(['--checkpoint', 'c']);
      running.child.stdin?.write(input);
      await (input === '' ? bench.untilExists('c.lock') : bench.simulator.whenRequests(2));
      running.child.kill('SIGTERM');
      expect((await running.finished).exitCode).toBe(143);
      // Left waiting, the process would have been ended by force, and its lock file would still lie there.
      expect(existsSync(bench.path('c.lock'))).toBe(false);
    }),
  );

  it('does not keep a refused run waiting', () =>
    withPurge({ tokenRevokedAfter: 2 }, async (bench) => {
      const running = bench.startPipe(['--checkpoint', 'c']);
      running.child.stdin?.write(`id\n${makeIds(20).join('\n')}\n`);
      expect((await running.finished).exitCode).toBe(3);
    }));
});

describe('a run that npm has started', () => {
  /** What stands between npm and the command: nothing that passes a signal on. */
  const SHELL = ['-c', '"$@"; exit $?', 'sh'];

  /** Sends some of its IDs, is told to stop in this way, and stops as by SIGTERM. */
  async function expectStopped(bench: PurgeBench, start: (args: readonly string[]) => RunningCli, signal: NodeJS.Signals): Promise<void> {
    bench.writeIds('ids.csv', makeIds(100));
    const isStopping = createGate();
    bench.simulator.override(({ seq }) => (seq > 20 ? isStopping.opened.then(() => undefined) : undefined));
    const npm = start(bench.deleteArgs('ids.csv'));
    await bench.simulator.whenRequests(20);
    npm.child.kill(signal);
    await npm.waitForStderr(/"event":"stopping"/);
    isStopping.open();
    expect((await npm.finished).stderr).toMatch(/Stopped by SIGTERM: \d+ of 100 IDs deleted[^]*exit 143/);
    expect(bench.simulator.record.deleted.size).toBeLessThan(100);
  }

  it.each([1, 2])('stops as by SIGTERM when its parent is gone (shells between: %i)', (shellCount) =>
    withPurgeProcesses({}, (bench) => {
      const inner = shellCount === 1 ? [] : ['sh', ...SHELL];
      const program = [...SHELL, ...inner, process.execPath, CLI_PATH];
      const options = { cwd: bench.folder, env: { npm_command: 'exec' } };
      return expectStopped(bench, (args) => startProgram('sh', [...program, ...args], options), 'SIGKILL');
    }),
  );

  it.skipIf(!HAS_NPX)('stops, too, where npx itself gets the SIGTERM and passes it to its shell alone', () =>
    withPurgeProcesses({}, (bench) => {
      bench.write('package.json', '{}');
      mkdirSync(bench.path('node_modules/.bin'), { recursive: true });
      writeProgram(bench.path('node_modules/.bin/images-purge'));
      const env = { HOME: bench.folder, npm_config_offline: 'true', npm_config_update_notifier: 'false' };
      const options = { cwd: bench.folder, env };
      return expectStopped(bench, (args) => startProgram('npx', ['--no', '--', 'images-purge', ...args], options), 'SIGTERM');
    }),
  );
});
