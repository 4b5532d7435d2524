import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { makeIds, type PurgeBench, summaryOf, withPurge, withPurgeProcesses } from '../../support/purge/purge.ts';
import { CLI_PATH, type RunningCli, startProgram } from '../../support/cli/cli.ts';
import { writeProgram } from '../../support/cli/pasted.ts';
import { createGate } from '../../support/purge/traffic.ts';

const HAS_NPX = spawnSync('npx', ['--version']).status === 0;

describe('exit code', () => {
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
});

describe('a command of --on-end that hangs', () => {
  it('is killed with all that it has started before the 9 s after the signal are over, and the run has its own exit code', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(20));
      const isStopping = createGate();
      bench.simulator.override(({ seq }) => (seq > 5 ? isStopping.opened.then(() => undefined) : undefined));
      const running = bench.start(bench.deleteArgs('ids.csv', '--on-end', 'sleep 1000 & sleep 1000'));
      await bench.simulator.whenRequests(5);
      running.child.kill('SIGTERM');
      await running.waitForStderr(/"event":"stopping"/);
      isStopping.open();
      // Stderr is closed only once nobody holds it any more, neither the shell nor what it has started.
      const { exitCode, stderr } = await running.finished;
      expect(exitCode).toBe(143);
      expect(stderr).toContain('warning: the command of --on-end took too long and was killed');
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
