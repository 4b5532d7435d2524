import { describe, expect, it } from 'vitest';

import type { PurgeEvent } from '../../../src/observe/events.ts';
import { createOutageDetector } from '../../../src/send/outage-detector.ts';
import { createOutageProbing, type OutageProbing, type ProbeResult } from '../../../src/send/outage-probing.ts';
import { flushMicrotasks, VirtualClock } from '../../support/virtual-clock.ts';

const result = (isAnswered: boolean): ProbeResult => ({ isAnswered, id: undefined });

class Bench {
  readonly clock: VirtualClock = new VirtualClock();
  readonly halt: AbortController = new AbortController();
  readonly events: PurgeEvent[] = [];
  readonly errors: unknown[] = [];
  readonly probedAtMs: number[] = [];
  begunCount = 0;
  overCount = 0;
  readonly standstillsMs: number[] = [];
  probe: (ended: AbortSignal) => Promise<ProbeResult | undefined> = () => Promise.resolve(result(false));
  readonly probing: OutageProbing;

  constructor() {
    this.probing = createOutageProbing({
      clock: this.clock,
      observer: { event: (event) => this.events.push(event) },
      detector: createOutageDetector({ pendingCount: () => Infinity }),
      lane: undefined,
      ended: this.halt.signal,
      probe: (ended) => {
        this.probedAtMs.push(this.clock.monotonicMs());
        return this.probe(ended);
      },
      onStandstill: (waitMs) => this.standstillsMs.push(waitMs),
      onBegin: () => this.begunCount++,
      onOver: () => this.overCount++,
      onError: (error) => this.errors.push(error),
    });
  }

  fail(count: number): void {
    for (let n = 0; n < count; n++) this.probing.onFailure({ id: `image-${n}`, isGivenUp: false }, 'HTTP 503');
  }

  get kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }
}

describe('outage probing', () => {
  it('holds back with the twentieth failure, tells it once, and probes one at a time at growing intervals', async () => {
    const bench = new Bench();
    bench.fail(19);
    expect(bench.probing.isActive()).toBe(false);
    bench.fail(45);
    expect(bench.probing.isActive()).toBe(true);
    expect(bench.begunCount).toBe(1);
    expect(bench.events).toEqual([{ kind: 'outage.started', lane: undefined, failures: 20, lastError: 'HTTP 503' }]);
    await bench.clock.advance(63_000);
    expect(bench.probedAtMs).toEqual([1_000, 3_000, 7_000, 15_000, 31_000, 63_000]);
    expect(bench.events.at(-1)).toEqual({ kind: 'outage.probed', lane: undefined, answered: false, nextProbeMs: 60_000 });
  });

  it('probes no earlier than the answers ask for: before the outage, during it, and those to probes', async () => {
    const bench = new Bench();
    bench.fail(19);
    bench.probing.onFailure({ id: 'image-19', isGivenUp: false }, 'HTTP 502', 60_000);
    expect(bench.probing.isActive()).toBe(true);
    await bench.clock.advance(10_000);
    // One that was on its way.
    bench.probing.onFailure({ id: 'image-20', isGivenUp: false }, 'HTTP 504', 120_000);
    bench.probe = () => {
      bench.probing.toldToWait(bench.probedAtMs.length === 1 ? 30_000.5 : undefined);
      return Promise.resolve({ isAnswered: false, id: undefined });
    };
    await bench.clock.advance(129_999);
    expect(bench.probedAtMs).toEqual([130_000]);
    expect(bench.events.at(-1)).toMatchObject({ kind: 'outage.probed', nextProbeMs: 30_001 });
    await bench.clock.advance(40_000);
    expect(bench.probedAtMs.map(Math.round)).toEqual([130_000, 160_001, 164_001, 172_001]);
    // Told each time that a failure, and not the interval, decides how long nothing is sent.
    expect(bench.standstillsMs).toEqual([60_000, 70_000, 30_000.5]);
  });

  it('forgets what was asked for before an answer', async () => {
    const bench = new Bench();
    bench.probing.onFailure({ id: 'image-1', isGivenUp: false }, 'HTTP 502', 60_000);
    bench.probing.onAnswered();
    bench.fail(20);
    await bench.clock.advance(1_000);
    expect(bench.probedAtMs).toEqual([1_000]);
  });

  it('waits for a probe that hangs, and sends no second one beside it', async () => {
    const bench = new Bench();
    bench.probe = () => new Promise(() => undefined);
    bench.fail(20);
    await bench.clock.advance(600_000);
    expect(bench.probedAtMs).toEqual([1_000]);
  });

  it('lets everybody go on when a probe is answered', async () => {
    const bench = new Bench();
    bench.fail(20);
    bench.probe = () => Promise.resolve({ ...result(true), id: 'image-1' });
    await bench.clock.advance(1_000);
    expect(bench.overCount).toBe(1);
    expect(bench.probing.isActive()).toBe(false);
    expect(bench.kinds).toEqual(['outage.started', 'outage.probed', 'outage.ended']);
    expect(bench.events.at(-1)).toEqual({ kind: 'outage.ended', lane: undefined, elapsedMs: 1_000 });
    await bench.probing.probesEnded();
    expect(bench.clock.sleeperCount).toBe(0);
  });

  it('begins again with twenty new failures, at 1 s', async () => {
    const bench = new Bench();
    bench.probe = () => Promise.resolve(result(bench.probedAtMs.length >= 3));
    bench.fail(20);
    await bench.clock.advance(7_000);
    expect(bench.probing.isActive()).toBe(false);
    bench.fail(19);
    expect(bench.probing.isActive()).toBe(false);
    bench.fail(20);
    await bench.clock.advance(1_000);
    expect(bench.probedAtMs).toEqual([1_000, 3_000, 7_000, 8_000]);
  });

  it('is reset by any answer in between', () => {
    const bench = new Bench();
    for (let n = 0; n < 10; n++) {
      bench.fail(19);
      bench.probing.onAnswered();
    }
    expect(bench.probing.isActive()).toBe(false);
  });

  it('ends with the run: no further probe, and no word of its end', async () => {
    const bench = new Bench();
    bench.fail(20);
    await bench.clock.advance(1_500);
    bench.halt.abort();
    await bench.probing.probesEnded();
    await bench.clock.advance(600_000);
    expect(bench.probedAtMs).toEqual([1_000]);
    expect(bench.kinds).not.toContain('outage.ended');
  });

  it('tells of a bug in a probe', async () => {
    const bench = new Bench();
    bench.probe = () => Promise.reject(new Error('bug'));
    bench.fail(20);
    await bench.clock.advance(1_000);
    await flushMicrotasks();
    expect(bench.errors).toMatchObject([{ message: 'bug' }]);
    await bench.probing.probesEnded();
  });

  it('takes nothing for a probe where none could be sent', async () => {
    const bench = new Bench();
    bench.probe = () => Promise.resolve(undefined);
    bench.fail(20);
    await bench.clock.advance(10_000);
    expect(bench.probedAtMs).toEqual([1_000, 3_000, 7_000]);
    expect(bench.kinds).toEqual(['outage.started']);
  });

  it('tells a probe of an outage that others have ended that it is not needed, and begins with one probe at a time again', async () => {
    const bench = new Bench();
    const { promise, resolve } = Promise.withResolvers<ProbeResult>();
    let first: AbortSignal | undefined;
    bench.probe = (ended) => {
      first ??= ended;
      return first === ended ? promise : Promise.resolve(result(false));
    };
    bench.fail(20);
    await bench.clock.advance(1_000);
    expect(first?.aborted).toBe(false);
    bench.probing.end();
    expect(first?.aborted).toBe(true);
    bench.fail(20);
    resolve(result(true));
    await bench.clock.advance(3_000);
    expect(bench.probedAtMs).toEqual([1_000, 2_000, 4_000]);
    expect(bench.probing.isActive()).toBe(true);
  });

  it('begins and ends without a word of its own where others decide', async () => {
    const bench = new Bench();
    bench.fail(3);
    bench.probing.begin('lanes are out');
    expect(bench.events).toEqual([{ kind: 'outage.started', lane: undefined, failures: 3, lastError: 'lanes are out' }]);
    bench.probing.end();
    expect(bench.probing.isActive()).toBe(false);
    await bench.clock.advance(600_000);
    await bench.probing.probesEnded();
    expect([bench.probedAtMs, bench.overCount]).toEqual([[], 1]);
  });
});
