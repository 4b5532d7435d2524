import { setImmediate } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { stateOf } from '../../chaos/oracle/state-of.ts';
import { makeIds, type PurgeBench, withPurgeProcesses } from '../../support/purge/purge.ts';
import { createGate } from '../../support/purge/traffic.ts';

async function killDeleteAt(bench: PurgeBench, requestCount: number): Promise<void> {
  const running = bench.startDelete();
  await Promise.race([bench.simulator.whenRequests(requestCount), running.finished]);
  running.child.kill('SIGKILL');
  await running.finished;
}

describe('SIGKILL', () => {
  it('an ID whose answer was lost to a kill is absent the next time, marked as perhaps our own doing', () =>
    withPurgeProcesses({ images: { kind: 'list', ids: makeIds(300) }, latencyMs: 5 }, async (bench) => {
      const ids = makeIds(300);
      bench.writeIds('ids.csv', ids);
      await killDeleteAt(bench, 150);
      const result = await bench.delete(['--fail-on-absent']);
      expect(result.exitCode).toBe(0);
      const absent = bench.report().filter(({ outcome }) => outcome === 'absent');
      expect(absent.every(({ earlierUnknown, code }) => earlierUnknown === true && code === 5404)).toBe(true);
      expect(bench.simulator.record.deleted.size).toBe(300);
    }));

  it('of a purge whose every request was sent and none recorded: absent IDs do not look like the wrong account', () =>
    withPurgeProcesses({ images: { kind: 'list', ids: makeIds(5) } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      bench.simulator.setFaults({ lostAnswer: 1 });
      const running = bench.startDelete();
      await bench.simulator.whenRequests(6);
      running.child.kill('SIGKILL');
      await running.finished;
      bench.simulator.setFaults({ lostAnswer: 0 });
      const result = await bench.delete();
      expect(result.exitCode).toBe(0);
      expect(bench.report().map(({ outcome, earlierUnknown }) => [outcome, earlierUnknown])).toEqual(
        Array.from({ length: 5 }, () => ['absent', true]),
      );
    }));

  it('forgets no attempt: an ID that keeps failing is given up after --max-attempts of all runs together', () =>
    withPurgeProcesses({ rules: { poisonIds: ['image-000001'], refusedIds: [], firewallIds: [] } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(3));
      const attempts = ['--max-attempts', '4'];
      const running = bench.startDelete(attempts);
      while ((stateOf(bench.path('ids.csv.checkpoint'))?.tried.get('image-000001') ?? 0) < 2) await setImmediate();
      running.child.kill('SIGKILL');
      await running.finished;
      expect((await bench.delete(attempts)).exitCode).toBe(1);
      expect(bench.report().find(({ id }) => id === 'image-000001')).toMatchObject({ outcome: 'failed', attempts: 4 });
      // One that was on its way at the kill is sent again.
      expect(bench.simulator.record.deleteRequests.get('image-000001')).toBeLessThanOrEqual(5);
    }));

  it('leaves no lock behind, and status tells the truth in between', () =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(500));
      const isKilled = createGate();
      bench.simulator.override(({ seq }) => (seq > 20 ? isKilled.opened.then(() => undefined) : undefined));
      const running = bench.startDelete();
      await bench.simulator.whenRequests(20);
      const during = await bench.run(['status', 'ids.csv.checkpoint', '--json']);
      expect(JSON.parse(during.stdout)).toMatchObject({ state: 'unfinished', status: { isRunning: true } });
      running.child.kill('SIGKILL');
      await running.finished;
      isKilled.open();
      const after = await bench.run(['status', 'ids.csv.checkpoint', '--json']);
      expect(JSON.parse(after.stdout)).toMatchObject({ state: 'unfinished', status: { isRunning: false } });
      expect((await bench.delete()).exitCode).toBe(0);
    }));
});
