import { describe, expect, it } from 'vitest';

import { htmlPage, throttled } from '../../../src/simulator/simulated-answers.ts';
import type { Verdict } from '../../../src/simulator/script.ts';
import { makeIds, summaryOf, withPurgeProcesses } from '../../support/purge/purge.ts';
import { batchOptions, createGate, deletesOf, eventsOf } from '../../support/purge/traffic.ts';

const unavailable = (): Verdict => htmlPage(503, '503 Service Temporarily Unavailable');

/** Requests in flight on each lane, as the server sees them, and the most of them at once. */
class InFlight {
  readonly #now = new Map<string, number>();
  readonly most: Map<string, number> = new Map();

  async during(lane: string, work: () => Promise<Verdict>): Promise<Verdict> {
    const now = (this.#now.get(lane) ?? 0) + 1;
    this.#now.set(lane, now);
    this.most.set(lane, Math.max(this.most.get(lane) ?? 0, now));
    try {
      return await work();
    } finally {
      this.#now.set(lane, (this.#now.get(lane) ?? 1) - 1);
    }
  }
}

describe.concurrent('an outage of one lane', () => {
  it.each([
    ['answers 503', unavailable],
    ['resets connections', (): Verdict => 'resetBefore'],
  ])('whose host %s costs the others nothing: they do all the work while it lasts, and nothing fails', (_, fault) =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(400));
      simulator.override(({ lane }) => (lane === simulator.batchTokens[0] ? fault() : undefined));
      const result = await bench.delete([...batchOptions(simulator, 3), '--rate', '150/s']);
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result)).toMatchObject({ outcomes: { deleted: 400, failed: 0 }, pending: 0 });
      expect(simulator.record.deleted.size).toBe(400);
      const started = eventsOf(result.stderr, 'outage.started');
      expect(started.map(({ lane }) => lane)).toEqual([1]);
    }),
  );

  it('that fails faster than the others answer stays its own', () =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(400));
      // The healthy lanes answer only once the failing one is known to be out, so that its failures come in one row.
      const isOut = createGate();
      simulator.override(async ({ lane }) => {
        if (lane === simulator.batchTokens[0]) return simulator.batchTokens.length === 3 ? unavailable() : undefined;
        if (lane !== 'account') await isOut.opened;
        return undefined;
      });
      const running = bench.startDelete([...batchOptions(simulator, 3), '--rate', '150/s']);
      await running.waitForStderr(/"outage.started"/);
      isOut.open();
      const result = await running.finished;
      expect(result.exitCode).toBe(0);
      expect(eventsOf(result.stderr, 'outage.started').map(({ lane }) => lane)).toEqual([1]);
      expect(simulator.record.deleted.size).toBe(400);
    }));

  it('whose host hangs holds its share of the requests in flight, and no more', () =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(300));
      const othersAreDone = createGate();
      simulator.override(async ({ lane, method }) => {
        if (simulator.record.deleted.size >= 270) othersAreDone.open();
        if (method === 'DELETE' && lane === simulator.batchTokens[0]) await othersAreDone.opened;
        return undefined;
      });
      const result = await bench.delete([...batchOptions(simulator, 3), '--rate', '150/s', '--concurrency', '30', '--timeout', '10m']);
      expect(result.exitCode).toBe(0);
      expect(simulator.record.deleted.size).toBe(300);
    }));

  it('whose probe has to wait keeps nobody waiting once the others have done all the work', () =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(200));
      const isOut = createGate();
      const isPaused = createGate();
      let failedCount = 0;
      simulator.override(async ({ lane }) => {
        if (lane === 'account') return undefined;
        if (lane === simulator.batchTokens[0]) {
          if (++failedCount > 1) return unavailable();
          await isOut.opened;
          return throttled(600);
        }
        await isPaused.opened;
        return undefined;
      });
      const running = bench.startDelete([...batchOptions(simulator, 2), '--rate', '150/s', '--give-up-after', '1m']);
      await running.waitForStderr(/"outage.started"/);
      isOut.open();
      await running.waitForStderr(/"lane.throttled"/);
      isPaused.open();
      const result = await running.finished;
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result)).toMatchObject({ state: 'finished', outcomes: { deleted: 200 }, pending: 0 });
      expect(eventsOf(result.stderr, 'outage.probed')).toEqual([]);
    }));

  it('is probed one request at a time, each of another ID, and its lane works again once a probe is answered', () =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      const inFlight = new InFlight();
      const heldProbes: (() => void)[] = [];
      const probed = createGate();
      const isBackToWork = createGate();
      let isOut = false;
      let isFaulty = true;
      let answeredAfter = 0;
      let mostDuringOutage: number | undefined;
      const running = bench.startPipe([...batchOptions(simulator, 2), '--rate', '150/s', '--report', 'report.ndjson']);
      const spare = makeIds(5_000, 'spare');
      const writeMore = (count: number): void =>
        void running.child.stdin?.write(
          spare
            .splice(0, count)
            .map((id) => `${id}\n`)
            .join(''),
        );
      simulator.override(({ lane }) =>
        inFlight.during(lane, async () => {
          if (lane !== simulator.batchTokens[0]) {
            // There is always more to do: for each ID that the healthy lane takes, another comes down the pipe.
            if (lane !== 'account' && answeredAfter < 30) writeMore(1);
            return undefined;
          }
          if (!isFaulty) {
            mostDuringOutage ??= inFlight.most.get(lane);
            if (++answeredAfter === 30) isBackToWork.open();
            return undefined;
          }
          if (!isOut) return unavailable();
          const held = createGate();
          heldProbes.push(held.open);
          probed.open();
          await held.opened;
          return unavailable();
        }),
      );
      writeMore(150);
      // By the time the first probe has failed, whatever was on its way when the outage began has been answered.
      await running.waitForStderr(/"outage.probed"/);
      isOut = true;
      inFlight.most.clear();
      await probed.opened;
      await simulator.whenRequests(simulator.record.requestCount + 150);
      expect(heldProbes).toHaveLength(1);
      isFaulty = false;
      heldProbes[0]?.();
      // The second probe found the fault still there; the third does not.
      await isBackToWork.opened;
      expect(mostDuringOutage).toBe(1);
      running.child.stdin?.end();
      const result = await running.finished;
      expect(result.exitCode).toBe(0);
      expect(eventsOf(result.stderr, 'outage.probed').map(({ lane, answered }) => [lane, answered])).toEqual([
        [1, false],
        [1, false],
        [1, true],
      ]);
      const onBadLane = deletesOf(simulator).filter(({ lane }) => lane === simulator.batchTokens[0]);
      const lastFailure = onBadLane.findLastIndex(({ status }) => status === 503);
      expect(new Set(onBadLane.slice(lastFailure - 1, lastFailure + 2).map(({ id }) => id)).size).toBe(3);
      const outcomes = bench.outcomes('report.ndjson');
      expect(new Set(outcomes.keys())).toEqual(simulator.record.deleted);
      expect([...outcomes.values()].every((outcome) => outcome === 'deleted')).toBe(true);
    }));
});

describe.concurrent('an outage of every lane', () => {
  it.each(['503', 'reset', 'hang'] as const)(
    'by %s is one: sending stops, one probe at a time speaks for all, nothing fails, and all lanes go on',
    (kind) =>
      withPurgeProcesses({}, async (bench) => {
        const { simulator } = bench;
        bench.writeIds('ids.csv', makeIds(600));
        // Only silence needs a limit that is soon over; a busy machine must not make the other kinds look like it.
        const timeout = kind === 'hang' ? '2s' : '1m';
        const running = bench.startDelete([...batchOptions(simulator, 3), '--rate', '150/s', '--timeout', timeout]);
        await simulator.whenRequests(150);
        simulator.beginOutage(kind);
        await running.waitForStderr(/"outage.started"[^\n]*"failures"/);
        await running.waitForStderr(/"outage.probed","answered":false/);
        const requestsBefore = simulator.record.requestCount;
        await running.waitForStderr(/"outage.probed","answered":false[^]*"outage.probed","answered":false/);
        expect(simulator.record.requestCount - requestsBefore).toBeLessThanOrEqual(2);
        simulator.endOutage();
        const result = await running.finished;
        expect(result.exitCode).toBe(0);
        expect(summaryOf(result)).toMatchObject({ outcomes: { deleted: 600, failed: 0 }, pending: 0 });
        expect(simulator.record.deleted.size).toBe(600);
        const total = eventsOf(result.stderr, 'outage.ended').filter(({ lane }) => lane === undefined);
        expect(total).toHaveLength(1);
        const lastLanes = new Set(
          deletesOf(simulator)
            .slice(-100)
            .map(({ lane }) => lane),
        );
        expect(lastLanes.size).toBe(3);
      }),
  );

  it('met by fewer IDs than there are workers is still one: what they hold is probed, and no attempt is counted', () =>
    withPurgeProcesses({}, async (bench) => {
      const { simulator } = bench;
      bench.writeIds('ids.csv', makeIds(50));
      simulator.override(({ method }) => {
        if (method === 'DELETE' && simulator.record.deleted.size === 0) simulator.beginOutage('503');
        return undefined;
      });
      const running = bench.startDelete([...batchOptions(simulator, 1), '--rate', '150/s', '--max-attempts', '2']);
      await running.waitForStderr(/"outage.probed"[^]*"outage.probed"/);
      simulator.override(undefined);
      simulator.endOutage();
      const result = await running.finished;
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result)).toMatchObject({ outcomes: { deleted: 50, failed: 0 }, pending: 0 });
      expect(eventsOf(result.stderr, 'outage.started')).toHaveLength(1);
      expect(eventsOf(result.stderr, 'outage.probed').map(({ answered }) => answered)).toEqual([false, false, true]);
    }));

  it.each([
    ['every ID has had its attempts', [], 10, 1, { state: 'finished', pending: 0 }],
    ['as many as --limit allows have had their attempts', ['--limit', '10'], 30, 8, { state: 'unfinished', pending: 20 }],
  ])('keeps nobody waiting once %s', (_, more, idCount, exitCode, summary) =>
    withPurgeProcesses({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(idCount));
      let statsAsked = 0;
      // The 20th failure in a row begins the outage and is the last attempt of the last ID.
      bench.simulator.override(({ method }) => (method === 'DELETE' || ++statsAsked > 1 ? unavailable() : undefined));
      const result = await bench.delete([...more, '--max-attempts', '2', '--give-up-after', '1h']);
      expect(result.exitCode).toBe(exitCode);
      expect(summaryOf(result)).toMatchObject({ ...summary, outcomes: { failed: 10 } });
      expect(eventsOf(result.stderr, 'outage.started')).toHaveLength(1);
      expect(bench.deleteCount).toBe(20);
    }),
  );
});
