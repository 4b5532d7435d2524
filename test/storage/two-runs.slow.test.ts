import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { userInfo } from 'node:os';

import { describe, expect, it } from 'vitest';

import { CLI_PATH, startProgram, TEST_ACCOUNT } from '../support/cli/cli.ts';
import { contradictions } from '../support/purge/oracle.ts';
import { CAN_UNSHARE, NAMESPACES } from '../support/machine/other-user.ts';
import { makeIds, type PurgeBench, withPurgeProcesses } from '../support/purge/purge.ts';
import { createGate } from '../support/purge/traffic.ts';

const IDS = makeIds(400);

const argsOf = (bench: PurgeBench): string[] => [
  'delete',
  'ids.csv',
  '--yes',
  '--json',
  '--concurrency',
  '2',
  '--rate',
  'unlimited',
  '--base-url',
  bench.simulator.url,
];

describe('of runs begun at once on one checkpoint', () => {
  it('just one works on it, the others end with exit 6, and nothing is sent twice', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      const othersAreRefused = createGate();
      bench.simulator.override(({ seq }) => (seq > 100 ? othersAreRefused.opened.then(() => undefined) : undefined));
      let refused = 0;
      const runs = [1, 2, 3].map(async () => {
        const result = await bench.start(argsOf(bench)).finished;
        if (result.exitCode === 6 && ++refused === 2) othersAreRefused.open();
        return result;
      });
      const all = await Promise.all(runs);
      expect(all.map(({ exitCode }) => Number(exitCode)).toSorted((a, b) => a - b)).toEqual([0, 6, 6]);
      for (const { stderr } of all.filter(({ exitCode }) => exitCode === 6))
        expect(stderr).toMatch(/another run holds the checkpoint .*ids\.csv\.checkpoint[^]*images-purge status/);
      expect(contradictions(bench, { accepted: IDS })).toEqual([]);
      expect(bench.deleteCount).toBe(IDS.length);
      expect(readdirSync(bench.folder).sort()).toEqual(['ids.csv', 'ids.csv.checkpoint', 'ids.csv.checkpoint.report.ndjson']);
    }));
});

describe('of two runs on one account with the same quota', () => {
  const other = (bench: PurgeBench, ...more: string[]): string[] => [...argsOf(bench), '--checkpoint', 'other', ...more];

  it('the second is refused and names the first, unless it is told otherwise; a killed one leaves no trace of a lock', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', IDS.slice(0, 30));
      const env = { TMPDIR: bench.folder };
      const firstIsGone = createGate();
      bench.simulator.override(({ id }) => (id === IDS[20] ? firstIsGone.opened.then(() => undefined) : undefined));
      const first = bench.start(argsOf(bench), { env });
      await bench.simulator.whenRequests(20);

      const refused = await bench.start(other(bench, '--account-id', TEST_ACCOUNT.toUpperCase()), { env }).finished;
      expect(refused.exitCode).toBe(6);
      expect(refused.stderr).toContain(
        `another run on this machine (process ${first.child.pid}, checkpoint ${bench.path('ids.csv.checkpoint')})`,
      );
      expect(existsSync(bench.path('other'))).toBe(false);
      for (const [index, more] of [['--allow-parallel'], ['--shard', '0/9']].entries()) {
        const checkpoint = ['--checkpoint', `parallel-${index}`, '--limit', '1', '--expect-absent'];
        expect((await bench.start([...argsOf(bench), ...checkpoint, ...more], { env }).finished).exitCode).toBe(8);
      }
      first.child.kill('SIGKILL');
      await first.finished;
      firstIsGone.open();
      expect((await bench.start(other(bench, '--expect-absent'), { env }).finished).exitCode).toBe(0);
      expect(readdirSync(bench.path(`images-purge-${userInfo().uid}`))).toEqual([]);
    }));

  it('goes on with a warning where nothing can tell of another run', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', ['a']);
      mkdirSync(bench.path(`images-purge-${userInfo().uid}`), { mode: 0o755 });
      const result = await bench.start(argsOf(bench), { env: { TMPDIR: bench.folder } }).finished;
      expect(result.exitCode).toBe(0);
      expect(result.stderr).toMatch(/"ACCOUNT_NOT_LOCKED".*is not a folder that only this user can use/);
    }));
});

describe.skipIf(!CAN_UNSHARE)('a run under another host’s name, first process of its own PID namespace', () => {
  it('holds its lock against runs outside, and leaves none behind when it is killed', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      const firstIsGone = createGate();
      bench.simulator.override(({ seq }) => (seq > 110 ? firstIsGone.opened.then(() => undefined) : undefined));
      const script = 'hostname another-host 2>/dev/null; exec "$@"';
      const inside = startProgram('unshare', [...NAMESPACES, 'sh', '-c', script, 'sh', process.execPath, CLI_PATH, ...argsOf(bench)], {
        cwd: bench.folder,
      });
      await bench.simulator.whenRequests(100);
      expect((await bench.run(argsOf(bench))).exitCode).toBe(6);
      inside.child.kill('SIGKILL');
      await once(inside.child, 'close');
      firstIsGone.open();
      expect(existsSync(bench.path('ids.csv.checkpoint-wal'))).toBe(true);
      expect((await bench.run(argsOf(bench))).exitCode).toBe(0);
      expect(contradictions(bench, { accepted: IDS })).toEqual([]);
    }));
});
