import { describe, expect, it } from 'vitest';

import { failure, htmlPage } from '../../../src/simulator/simulated-answers.ts';
import { mixedFaults } from '../../../src/simulator/faults.ts';
import { startSimulator } from '../../../src/simulator/simulator.ts';
import { makeIds, summaryOf, withPurge } from '../../support/purge/purge.ts';
import { createGate } from '../../support/purge/traffic.ts';

describe('faults on the way', () => {
  it('a fifth of all requests failing in every way: nothing lost, nothing reported deleted that is not', () =>
    withPurge({ faults: mixedFaults(0.2), seed: 7 }, async (bench) => {
      const ids = makeIds(1_000);
      bench.writeIds('ids.csv', ids);
      const result = await bench.delete(['--timeout', '5s']);
      expect(result.exitCode).toBe(0);
      expect(bench.simulator.record.deleted).toEqual(new Set(ids));
      const absent = bench.report().filter(({ outcome }) => outcome === 'absent');
      expect(absent.length).toBeGreaterThan(0);
      expect(absent.every(({ earlierUnknown }) => earlierUnknown)).toBe(true);
      expect(bench.outcomes().size).toBe(1_000);
    }));

  it.each(['503', 'reset', 'hang'] as const)('an outage by %s is waited out: no attempt is counted during it, nothing fails', (kind) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(400));
      // Only silence needs a limit that is soon over; a busy machine must not make the other kinds look like it.
      const running = bench.startDelete(['--timeout', kind === 'hang' ? '2s' : '1m', '--max-attempts', '3']);
      await bench.simulator.whenRequests(100);
      bench.simulator.beginOutage(kind);
      await running.waitForStderr(/"outage.probed"/);
      const requestsBefore = bench.simulator.record.requestCount;
      await running.waitForStderr(/"outage.probed"[\s\S]*"outage.probed"/);
      // One probe at a time: the next one is all that has been sent since.
      expect(bench.simulator.record.requestCount - requestsBefore).toBeLessThanOrEqual(2);
      bench.simulator.endOutage();
      const result = await running.finished;
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result)).toMatchObject({ outcomes: { failed: 0 }, pending: 0 });
      expect(bench.simulator.record.deleted.size).toBe(400);
    }),
  );

  it('refused connections are an outage too: when the server is back, the run goes on', () =>
    withPurge({}, async (bench) => {
      const ids = makeIds(400);
      bench.writeIds('ids.csv', ids);
      const running = bench.startDelete(['--max-attempts', '3', '--rate', '200/s']);
      await bench.simulator.whenRequests(100);
      await bench.simulator.close();
      await running.waitForStderr(/"outage.started"/);
      const again = await startSimulator({ ...bench.simulator.options, port: Number(new URL(bench.simulator.url).port) });
      try {
        const result = await running.finished;
        expect(result.exitCode).toBe(0);
        expect(summaryOf(result)).toMatchObject({ outcomes: { failed: 0 }, pending: 0 });
        expect(new Set([...bench.simulator.record.deleted, ...again.record.deleted])).toEqual(new Set(ids));
      } finally {
        await again.close();
      }
    }));

  it('an API that cannot be reached is told at once with its cause, and waited for: nothing fails, exit 4 by --give-up-after', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', ['a']);
      // A root of its own: other tests may purge the account at the same time.
      const root = `http://127.0.0.1:1/${new URL(bench.simulator.url).port}`;
      const nobody = ['--base-url', root, '--checkpoint', 'nobody.checkpoint', '--give-up-after', '1500ms'];
      const gaveUp = await bench.delete(nobody);
      expect(gaveUp.exitCode).toBe(4);
      expect(gaveUp.stderr).toMatch(/"outage.started","failures":0,"lastError":"[^"]*ECONNREFUSED/);
      expect(gaveUp.stderr).toMatch(/the API could not be reached for 1.5 s \(--give-up-after\): ECONNREFUSED: connect/);
      expect(summaryOf(gaveUp)).toMatchObject({ outcomes: { failed: 0 }, pending: 1 });

      bench.simulator.beginOutage('reset');
      const running = bench.startDelete(['--max-attempts', '1']);
      await running.waitForStderr(/"outage.started"[\s\S]*"outage.probed"/);
      bench.simulator.endOutage();
      const result = await running.finished;
      expect(result.exitCode).toBe(0);
      expect(result.stderr).toContain('"outage.ended"');
      expect(bench.simulator.record.deleted).toEqual(new Set(['a']));
    }));

  it.each([true, false])(
    'one ID that never gets an answer ends as failed, after outages that end (stats permitted: %s)',
    (isStatsPermitted) =>
      withPurge({ isStatsPermitted }, async (bench) => {
        bench.simulator.override(({ id }) => (id === 'bad' ? 'resetBefore' : undefined));
        bench.writeIds('ids.csv', [...makeIds(5), 'bad']);
        const result = await bench.delete(['--max-attempts', '5']);
        expect(result.exitCode).toBe(1);
        expect(result.stderr.match(/"outage.ended"/g)).toHaveLength(2);
        const failed = bench.report().filter(({ outcome }) => outcome === 'failed');
        expect(failed).toMatchObject([{ id: 'bad', attempts: 5, code: expect.stringMatching(/^[A-Z_]+$/) as string }]);
        const status = await bench.run(['status', 'ids.csv.checkpoint', '--json']);
        expect(status.stdout).toContain(`"code":"${String(failed[0]?.code)}"`);
      }),
  );

  it('an outage while stats may not be read is probed with pending IDs', () =>
    withPurge({ isStatsPermitted: false }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(200));
      const running = bench.startDelete(['--max-attempts', '3']);
      await bench.simulator.whenRequests(50);
      bench.simulator.beginOutage('503');
      await running.waitForStderr(/"outage.started"/);
      bench.simulator.endOutage();
      const result = await running.finished;
      expect(result.exitCode).toBe(0);
      expect(bench.simulator.record.deleted.size).toBe(200);
    }));

  it.each([
    ['403 page', 5, htmlPage(403, 'Blocked')],
    ['404 without a code', 20, { ...htmlPage(404, ''), body: '{"success":false,"errors":[],"messages":[],"result":null}' }],
  ])('a %s for %i IDs in a row stops the run and counts no attempt: they have all of them when it goes on', (_, count, answer) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(30));
      bench.simulator.override(({ method }) => (method === 'DELETE' && bench.simulator.record.deleted.size > 0 ? answer : undefined));
      const stopped = await bench.delete(['--concurrency', '1']);
      expect(stopped.exitCode).toBe(3);
      expect(summaryOf(stopped)).toMatchObject({ outcomes: { deleted: 1, failed: 0 }, pending: 29 });
      const failedOnce = new Set<string>();
      bench.simulator.override(({ id }) => {
        if (id === undefined || failedOnce.has(id) || failedOnce.size === count) return undefined;
        failedOnce.add(id);
        return 'status500';
      });
      expect((await bench.resume(['--max-attempts', '2', '--concurrency', '1'])).exitCode).toBe(0);
      expect(
        bench
          .report()
          .filter(({ id }) => failedOnce.has(id ?? ''))
          .every(({ attempts, outcome }) => attempts === 2 && outcome === 'deleted'),
      ).toBe(true);
      expect(bench.deleteCount).toBe(1 + count + 29 + count);
    }),
  );

  it.each([
    ['403 page', 4, htmlPage(403, 'Blocked'), failure(401, 10000, 'Authentication error')],
    [
      '404 without a code',
      19,
      { ...htmlPage(404, ''), body: '{"success":false,"errors":[],"messages":[],"result":null}' },
      failure(404, 7003, 'No route'),
    ],
  ])('a %s for %i IDs is not believed where the next answer refuses the run: all of them stay pending', (_, count, answer, refusal) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(30));
      let sent = 0;
      bench.simulator.override(({ method }) => (method === 'GET' || ++sent === 1 ? undefined : sent <= 1 + count ? answer : refusal));
      const stopped = await bench.delete(['--concurrency', '1']);
      expect(stopped.exitCode).toBe(3);
      expect(stopped.stderr).toContain('nothing was marked failed by this stop');
      expect(summaryOf(stopped)).toMatchObject({ outcomes: { deleted: 1, failed: 0 }, pending: 29 });
      bench.simulator.override(undefined);
      expect((await bench.resume()).exitCode).toBe(0);
      expect(bench.report().every(({ attempts, outcome }) => attempts === 1 && outcome === 'deleted')).toBe(true);
    }),
  );

  it('a 403 page is not believed either where the refusal comes while the run stops for another reason', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(20));
      const [areAllSent, isStopping] = [createGate(), createGate()];
      let sent = 0;
      bench.simulator.override(async ({ method }) => {
        if (method === 'GET') return undefined;
        if (++sent <= 3) return htmlPage(403, 'Blocked');
        // Eight are in flight once the three have been answered.
        if (sent === 11) areAllSent.open();
        await isStopping.opened;
        return failure(401, 10000, 'Authentication error');
      });
      const running = bench.startDelete(['--concurrency', '8']);
      await areAllSent.opened;
      running.child.kill('SIGTERM');
      await running.waitForStderr(/stopping/);
      isStopping.open();
      const stopped = await running.finished;
      expect(stopped.exitCode).toBe(143);
      expect(summaryOf(stopped)).toMatchObject({ outcomes: { failed: 0 }, pending: 20 });
    }));

  it('poison IDs at the end of a list fail after --max-attempts and keep nobody else waiting', () =>
    withPurge({ rules: { poisonIds: makeIds(50).slice(-3), refusedIds: [], firewallIds: [] } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(50));
      const result = await bench.delete(['--max-attempts', '3']);
      expect(result.exitCode).toBe(1);
      expect(summaryOf(result).outcomes).toMatchObject({ deleted: 47, failed: 3 });
      expect(
        bench
          .report()
          .filter(({ outcome }) => outcome === 'failed')
          .map(({ id, attempts, httpStatus, code }) => [id, attempts, httpStatus, code]),
      ).toEqual(expect.arrayContaining([['image-000049', 3, 500, 5500]]));
      expect(bench.simulator.record.deleteRequests.get('image-000049')).toBe(3);
    }));

  it('a 429 pauses the whole lane once and uses up no attempt', () =>
    withPurge({ quota: { kind: 'fixed', requests: 100, windowMs: 2_000, blockMs: 0, burst: 0 } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(250));
      const result = await bench.delete(['--max-attempts', '1']);
      expect(result.exitCode).toBe(0);
      expect(bench.report().every(({ attempts }) => attempts === 1)).toBe(true);
      expect(bench.simulator.record.throttledCount).toBeLessThan(100);
    }));

  it('20 answers of 404 with an unknown code in a row stop the run, and those IDs are pending again', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(60));
      bench.simulator.override(({ method }) => (method === 'DELETE' ? failure(404, 1234, 'What?') : undefined));
      const result = await bench.delete();
      expect(result.exitCode).toBe(3);
      expect(summaryOf(result)).toMatchObject({ pending: 60, outcomes: { failed: 0 } });
      bench.simulator.override(undefined);
      expect((await bench.delete()).exitCode).toBe(0);
    }));

  it('a few of them are failures of those IDs', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(60));
      bench.simulator.override(({ id, method }) =>
        method === 'DELETE' && id !== undefined && id < 'image-000010' ? failure(404, 1234, 'What?') : undefined,
      );
      const result = await bench.delete();
      expect(result.exitCode).toBe(1);
      expect(summaryOf(result).outcomes).toMatchObject({ deleted: 50, failed: 10 });
    }));

  it('redirects are never followed: exit 3', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(5));
      bench.simulator.override(({ method }) =>
        method === 'DELETE' ? { status: 301, headers: { location: bench.simulator.url }, body: '' } : undefined,
      );
      expect((await bench.delete()).exitCode).toBe(3);
    }));
});

describe('an account in which nothing exists', () => {
  it('stops after the first 100 with exit 7, all of them back to pending', () =>
    withPurge({ images: { kind: 'none' }, statsCount: 5_000 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(500));
      const result = await bench.delete();
      expect(result.exitCode).toBe(7);
      expect(result.stderr).toContain('--expect-absent');
      expect(summaryOf(result)).toMatchObject({ pending: 500, outcomes: { absent: 0 } });
      expect(bench.deleteCount).toBeLessThan(150);
      expect(bench.outcomes().size).toBe(0);
    }));

  it('stops at the end of a shorter list too', () =>
    withPurge({ images: { kind: 'none' }, statsCount: 5_000 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(20));
      expect((await bench.delete()).exitCode).toBe(7);
    }));

  it('stops with exit 3 where stats cannot be read', () =>
    withPurge({ images: { kind: 'none' }, isStatsPermitted: false }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(20));
      expect((await bench.delete()).exitCode).toBe(3);
    }));

  it('is not suspected any more once a deletion was answered, though that is not recorded yet', () =>
    withPurge({ images: { kind: 'list', ids: makeIds(1) } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(400));
      // Of the first 200 requests only the deletion is answered; one more can only come from the worker that had that answer.
      const isDeletionKnown = createGate();
      bench.simulator.override(async ({ id }) => {
        if (id === 'image-000200') isDeletionKnown.open();
        if (id !== undefined && id !== 'image-000000') await isDeletionKnown.opened;
        return undefined;
      });
      const result = await bench.delete(['--concurrency', '200']);
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result)).toMatchObject({ outcomes: { deleted: 1, absent: 399 }, pending: 0 });
    }));

  it('is believed with --expect-absent, and where stats say it holds 0 images', () =>
    withPurge({ images: { kind: 'none' }, statsCount: 7 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(200));
      expect((await bench.delete(['--expect-absent'])).exitCode).toBe(0);
      expect([...bench.outcomes().values()].every((outcome) => outcome === 'absent')).toBe(true);
    }));

  it('without Images enabled is refused at stats: exit 3, no DELETE', () =>
    withPurge({ isImagesEnabled: false }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(20));
      expect((await bench.delete()).exitCode).toBe(3);
      expect(bench.deleteCount).toBe(0);
    }));

  it('absences held back until the first deletion are recorded after it', () =>
    withPurge({ images: { kind: 'list', ids: makeIds(150).slice(60) } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(150));
      const result = await bench.delete(['--concurrency', '1']);
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result).outcomes).toMatchObject({ deleted: 90, absent: 60 });
    }));
});

describe('poison', () => {
  it('a dozen poison IDs at the end of a list fail as theirs, though they look like an outage', () =>
    withPurge({ rules: { poisonIds: makeIds(40).slice(-12), refusedIds: [], firewallIds: [] } }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(40));
      const result = await bench.delete(['--max-attempts', '3', '--give-up-after', '50s']);
      expect(result.exitCode).toBe(1);
      expect(summaryOf(result)).toMatchObject({ state: 'finished', outcomes: { deleted: 28, failed: 12 } });
    }));
});
