import { DatabaseSync } from 'node:sqlite';

import { describe, expect, it } from 'vitest';

import { FAKETIME_LIBRARY } from '../../support/machine/faketime.ts';
import { HAS_SCRIPT, startOnTerminal, untilShown } from '../../support/machine/terminal.ts';
import { makeIds, type PurgeBench, withPurgeProcesses } from '../../support/purge/purge.ts';

const DAY_MS = 86_400_000;

const onTerminal = (bench: PurgeBench, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  startOnTerminal([...args, '--rate', 'unlimited'], { cwd: bench.folder, env: { CLOUDFLARE_BASE_URL: bench.simulator.url, ...env } });

describe.skipIf(!HAS_SCRIPT)('on a terminal', () => {
  it('delete - says at once that it waits for what is typed', () =>
    withPurgeProcesses({}, async (bench) => {
      const running = onTerminal(bench, ['delete', '-', '--yes', '--checkpoint', 'c']);
      await untilShown(running, /reading IDs from the terminal; end with Ctrl-D/);
      running.child.stdin?.write('image-1\nimage-2\n\u0004');
      const { exitCode, stdout } = await running.finished;
      expect(exitCode, stdout).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(2);
    }));

  it('an answer other than the one asked for is exit 7, sends nothing, and does not renew the age of the plan', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      expect((await bench.run(['plan', 'ids.csv', '--base-url', bench.simulator.url])).exitCode).toBe(0);
      const db = new DatabaseSync(bench.path('ids.csv.checkpoint'));
      db.prepare('UPDATE state SET last_worked_at_ms = ?').run(Date.now() - 5 * DAY_MS);
      db.close();
      for (const args of [
        ['resume', 'ids.csv.checkpoint'],
        ['delete', 'ids.csv'],
      ]) {
        const running = onTerminal(bench, args);
        await untilShown(running, /delete 3/);
        running.child.stdin?.write('no\n');
        const { exitCode, stdout } = await running.finished;
        expect(exitCode, stdout).toBe(7);
        expect(stdout).toContain('not confirmed; nothing was sent');
      }
      expect((await bench.resume(['--yes', '--max-age', '4d'])).stderr).toContain('longer than --max-age allows');
      expect(bench.deleteCount).toBe(0);
    }));

  it.skipIf(FAKETIME_LIBRARY === undefined)('--max-duration does not run while the question is open', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      bench.write('offset', '+0');
      const clock = { LD_PRELOAD: FAKETIME_LIBRARY ?? '', FAKETIME_TIMESTAMP_FILE: bench.path('offset'), FAKETIME_NO_CACHE: '1' };
      const running = onTerminal(bench, ['delete', 'ids.csv', '--max-duration', '1h'], clock);
      await untilShown(running, /type "delete 3"/i);
      bench.write('offset', '+2h');
      running.child.stdin?.write('delete 3\n');
      const { exitCode, stdout } = await running.finished;
      expect(exitCode, stdout).toBe(0);
      expect(bench.deleteCount).toBe(3);
    }),
  );
});
