import { describe, expect, it } from 'vitest';

import { makeIds, type PurgeBench, withPurgeProcesses } from '../../support/purge/purge.ts';
import { createGate, deletesOf } from '../../support/purge/traffic.ts';

const CONCURRENCY = 32;
/** So many failures in a row are an outage. */
const FAILURES = 20;
const OPTIONS = ['--concurrency', String(CONCURRENCY), '--fail-on-absent'];

/** Goes on to the end; what earlier requests have deleted counts as nobody else's doing. */
async function expectOwnDoing(bench: PurgeBench, ids: readonly string[], lost: ReadonlySet<string>): Promise<void> {
  bench.simulator.override(undefined);
  expect((await bench.delete(OPTIONS)).exitCode).toBe(0);
  expect(bench.simulator.record.deleted.size).toBe(ids.length);
  const absent = bench.report().filter(({ outcome }) => outcome === 'absent');
  expect(new Set(absent.map(({ id }) => id))).toEqual(lost);
  expect(absent.every(({ earlierUnknown }) => earlierUnknown === true)).toBe(true);
  // No request that failed during the outage counts, and no answer that was not believed.
  const setAside = new Set([...lost].slice(FAILURES));
  expect(absent.filter(({ id = '' }) => setAside.has(id)).map(({ attempts }) => attempts)).toEqual([...setAside].map(() => 1));
}

describe.concurrent('images whose deletion was not answered during an outage', () => {
  it('found absent after it, held by the absent rule and released at a stop, are our own doing to the next run', () =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      const ids = makeIds(200);
      bench.writeIds('ids.csv', ids);
      const lost = new Set<string>();
      const outage = createGate();
      const allHeld = createGate();
      const stopping = createGate();
      let isOutage = false;
      let heldCount = 0;
      simulator.override(async ({ method, id }) => {
        if (method !== 'DELETE' || id === undefined) return undefined;
        // One tried again too soon must not be answered: failures in a row are an outage.
        if (lost.has(id)) return isOutage ? undefined : 'status500';
        if (lost.size < CONCURRENCY) {
          lost.add(id);
          if (lost.size > FAILURES) await outage.opened;
          return 'lostAnswer';
        }
        // A worker that waits here has been given its answers about those before.
        if (++heldCount === CONCURRENCY) allHeld.open();
        await stopping.opened;
        return undefined;
      });
      const running = bench.startDelete(OPTIONS);
      await running.waitForStderr(/"event":"outage.started"/);
      isOutage = true;
      outage.open();
      await allHeld.opened;
      running.child.kill('SIGTERM');
      await running.waitForStderr(/"event":"stopping"/);
      stopping.open();
      const stopped = await running.finished;
      expect(stopped.exitCode).toBe(143);
      expect(stopped.stderr).toContain('"event":"outage.ended"');
      await expectOwnDoing(bench, ids, lost);
    }));

  it('nor by the time the run had been told to stop, are our own doing to the next run', () =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      const ids = makeIds(200);
      bench.writeIds('ids.csv', ids);
      const lost = new Set<string>();
      const stopping = createGate();
      simulator.override(async ({ method, id }) => {
        if (method !== 'DELETE' || id === undefined) return undefined;
        lost.add(id);
        if (lost.size > FAILURES) await stopping.opened;
        return 'lostAnswer';
      });
      const running = bench.startDelete([...OPTIONS, '--expect-absent']);
      await running.waitForStderr(/"event":"outage.started"/);
      running.child.kill('SIGTERM');
      await running.waitForStderr(/"event":"stopping"/);
      stopping.open();
      expect((await running.finished).exitCode).toBe(143);
      expect(deletesOf(simulator).filter(({ didDelete }) => didDelete)).toHaveLength(lost.size);
      await expectOwnDoing(bench, ids, lost);
    }));
});
