import { describe, expect, it } from 'vitest';

import { makeIds, type PurgeBench, withPurgeProcesses } from '../../support/purge/purge.ts';

/** `delete -` of three IDs is killed while the last of them is in flight. */
async function killInFlight(bench: PurgeBench): Promise<void> {
  const [, , last] = makeIds(3);
  const requested = new Promise<void>((resolve) => {
    bench.simulator.override(({ id }) => {
      if (id !== last) return undefined;
      resolve();
      return 'hang';
    });
  });
  const running = bench.startPipe(['--checkpoint', 'ids.csv.checkpoint', '--concurrency', '1']);
  running.child.stdin?.write(`id\n${makeIds(3).join('\n')}\nheld-back\n`);
  await requested;
  await bench.untilPending(1);
  running.child.kill('SIGKILL');
  await running.finished;
  bench.simulator.override(undefined);
}

describe('an ID that was in flight at a kill', () => {
  it('and that the next list does not hold is failed, with the reason, and is not sent again', () =>
    withPurgeProcesses({}, async (bench) => {
      await killInFlight(bench);
      bench.writeIds('ids.csv', makeIds(2));
      const result = await bench.delete();
      expect(result.exitCode, result.stderr).toBe(1);
      const [, , last = ''] = makeIds(3);
      expect(bench.report().filter(({ id }) => id === last)).toMatchObject([
        { outcome: 'failed', message: 'sent in an earlier run, no answer, no longer on the list' },
      ]);
      expect(bench.simulator.record.deleteRequests.get(last)).toBe(1);
    }));
});

describe('an ID that was given up after answers that leave it open', () => {
  it('and is protected since is told as one that may be gone: earlierUnknown, a warning, exit 1', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      bench.write('keep.txt', 'image-000001\n');
      bench.simulator.override(({ id }) => (id === 'image-000001' ? 'status500' : undefined));
      expect((await bench.delete(['--max-attempts', '2'])).exitCode).toBe(1);
      bench.simulator.override(undefined);
      const result = await bench.resume(['--retry-failed', '--exclude', 'keep.txt']);
      expect(result.exitCode, result.stderr).toBe(1);
      expect(bench.report().findLast(({ id }) => id === 'image-000001')).toMatchObject({ outcome: 'protected', earlierUnknown: true });
      expect(result.stderr).toContain('1 ID was sent before being protected, and may be deleted');
      expect(bench.simulator.record.deleteRequests.get('image-000001')).toBe(2);
    }));
});
