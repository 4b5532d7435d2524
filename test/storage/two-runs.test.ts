import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { CLI_PATH, startProgram } from '../support/cli/cli.ts';
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
