import { describe, expect, it } from 'vitest';

import { createLanes } from '../../../src/pace/lanes.ts';
import type { Lane, Permit } from '../../../src/pace/types.ts';
import * as fc from '../../support/fast-check.ts';
import { flushMicrotasks } from '../../support/virtual-clock.ts';

const { signal: NEVER } = new AbortController();

/** A lane that gives as many permits as it was filled with. */
class FakeLane implements Lane {
  readonly name: number;
  isClosed = false;
  isHeld = false;
  stock = 0;
  listener: () => void = () => undefined;

  constructor(name: number, stock: number) {
    this.name = name;
    this.stock = stock;
  }

  fill(count: number): void {
    this.stock += count;
    this.listener();
  }

  tryTake(): Permit | undefined {
    return this.isHeld ? undefined : this.tryTakeProbe();
  }

  tryTakeProbe(): Permit | undefined {
    if (this.isClosed || this.stock === 0) return undefined;
    this.stock--;
    return { lane: this, ordinal: 1, sentAtMs: 0, pauseCount: 0 };
  }

  listen(listener: () => void): void {
    this.listener = listener;
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.listener();
    return Promise.resolve();
  }

  hold = (): never => this.#unused();
  release = (): never => this.#unused();
  requestEnded = (): never => this.#unused();
  quotaReported = (): never => this.#unused();
  throttled = (): never => this.#unused();
  answered = (): never => this.#unused();
  state = (): never => this.#unused();
  used = (): never => this.#unused();

  #unused(): never {
    throw new Error('lanes have no business here');
  }
}

function fakeLanes(...stocks: readonly number[]): { lanes: FakeLane[]; all: ReturnType<typeof createLanes>; halt: AbortController } {
  const lanes = stocks.map((stock, index) => new FakeLane(index + 1, stock));
  const halt = new AbortController();
  return { lanes, all: createLanes(lanes, halt.signal), halt };
}

/** Notes under a name whose lane a promised permit is of, once it is there: `undefined` where there will be none. */
function noting(notes: string[], name: string, permit: Promise<Permit | undefined>): void {
  void permit.then((given) => notes.push(`${name}: ${String(given?.lane.name)}`));
}

describe('lanes', () => {
  it('take turns while each has permits; then the ones that have some are used alone', () => {
    const { all } = fakeLanes(3, 2, 4);
    expect(Array.from({ length: 10 }, () => all.tryTake()?.lane.name)).toEqual([1, 2, 3, 1, 2, 3, 1, 3, 3, undefined]);
  });

  it('serve the one that has waited longest first', async () => {
    const { lanes, all } = fakeLanes(0, 0);
    const notes: string[] = [];
    for (const name of ['a', 'b', 'c']) noting(notes, name, all.take());
    lanes[1]?.fill(2);
    await flushMicrotasks();
    expect(notes).toEqual(['a: 2', 'b: 2']);
    lanes[0]?.fill(1);
    await flushMicrotasks();
    expect(notes).toEqual(['a: 2', 'b: 2', 'c: 1']);
  });

  it('serve probes before work, and a probe of one lane with that lane only', async () => {
    const { lanes, all } = fakeLanes(0, 0);
    const [one, two] = lanes as [FakeLane, FakeLane];
    const notes: string[] = [];
    noting(notes, 'work', all.take());
    noting(notes, 'probe of 2', all.takeProbe(two, NEVER));
    noting(notes, 'any probe', all.takeProbe(undefined, NEVER));
    one.fill(1);
    await flushMicrotasks();
    expect(notes).toEqual(['any probe: 1']);
    two.fill(2);
    await flushMicrotasks();
    expect(notes).toEqual(['any probe: 1', 'probe of 2: 2', 'work: 2']);
  });

  it('that are held back together keep work waiting, not probes, and go on at once when released', async () => {
    const { lanes, all } = fakeLanes(0);
    const notes: string[] = [];
    all.hold();
    noting(notes, 'work', all.take());
    lanes[0]?.fill(2);
    await flushMicrotasks();
    expect([notes, all.tryTake()]).toEqual([[], undefined]);
    noting(notes, 'probe', all.takeProbe(undefined, NEVER));
    await flushMicrotasks();
    expect(notes).toEqual(['probe: 1']);
    all.release();
    await flushMicrotasks();
    expect(notes).toEqual(['probe: 1', 'work: 1']);
  });

  it('of which one has closed go on with the others; its own probes end', async () => {
    const { lanes, all } = fakeLanes(0, 0);
    const [one, two] = lanes as [FakeLane, FakeLane];
    const notes: string[] = [];
    noting(notes, 'work', all.take());
    noting(notes, 'probe of 1', all.takeProbe(one, NEVER));
    noting(notes, 'any probe', all.takeProbe(undefined, NEVER));
    await one.close();
    await flushMicrotasks();
    expect(notes).toEqual(['probe of 1: undefined']);
    expect(all.open).toEqual([two]);
    expect(all.all).toEqual([one, two]);
    two.fill(2);
    await flushMicrotasks();
    expect(notes.toSorted()).toEqual(['any probe: 2', 'probe of 1: undefined', 'work: 2']);
    expect(await all.takeProbe(one, NEVER)).toBeUndefined();
  });

  it('that have all closed keep nobody waiting, then or later', async () => {
    const { lanes, all } = fakeLanes(0, 0);
    const waiting = Promise.all([all.take(), all.takeProbe(undefined, NEVER), all.take()]);
    for (const lane of lanes) await lane.close();
    expect(await waiting).toEqual([undefined, undefined, undefined]);
    expect([await all.take(), await all.takeProbe(undefined, NEVER), all.open]).toEqual([undefined, undefined, []]);
  });

  it('keep nobody waiting when the run is told to end, held back or not, and give nothing to those who wait', async () => {
    const { lanes, all, halt } = fakeLanes(0);
    const waiting = Promise.all([all.take(), all.takeProbe(undefined, NEVER), all.takeProbe(lanes[0], NEVER)]);
    all.hold();
    halt.abort();
    expect(await waiting).toEqual([undefined, undefined, undefined]);
    lanes[0]?.fill(5);
    expect([await all.take(), await all.takeProbe(undefined, NEVER)]).toEqual([undefined, undefined]);
    expect(lanes[0]?.stock).toBe(5);
  });

  it('keep no probe waiting that nobody needs any more, and give it nothing', async () => {
    const { lanes, all } = fakeLanes(0, 0);
    const ended = new AbortController();
    const waiting = Promise.all([all.takeProbe(lanes[0], ended.signal), all.takeProbe(undefined, ended.signal)]);
    const notes: string[] = [];
    noting(notes, 'another probe', all.takeProbe(lanes[0], NEVER));
    ended.abort();
    expect(await waiting).toEqual([undefined, undefined]);
    lanes[0]?.fill(2);
    await flushMicrotasks();
    expect(notes).toEqual(['another probe: 1']);
    expect(await all.takeProbe(lanes[0], ended.signal)).toBeUndefined();
    expect(lanes[0]?.stock).toBe(1);
  });

  it('never lose a permit nor give one twice, whatever comes when', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('fill' as const), lane: fc.nat({ max: 2 }), count: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ kind: fc.constantFrom('take' as const, 'probe' as const, 'hold' as const, 'release' as const) }),
      fc.record({ kind: fc.constant('probe one' as const), lane: fc.nat({ max: 2 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { lanes, all } = fakeLanes(0, 0, 0);
        let filled = 0;
        let asked = 0;
        let given = 0;
        const count = (permit: Promise<Permit | undefined>): void => {
          asked++;
          void permit.then(() => given++);
        };
        for (const step of steps) {
          if (step.kind === 'fill') {
            filled += step.count;
            lanes[step.lane]?.fill(step.count);
          } else if (step.kind === 'take') count(all.take());
          else if (step.kind === 'probe') count(all.takeProbe(undefined, NEVER));
          else if (step.kind === 'probe one') count(all.takeProbe(lanes[step.lane], NEVER));
          else all[step.kind]();
        }
        await flushMicrotasks();
        const left = lanes.reduce((sum, { stock }) => sum + stock, 0);
        expect(given).toBe(filled - left);
        all.release();
        for (const lane of lanes) lane.fill(asked);
        await flushMicrotasks();
        expect(given).toBe(asked);
      }),
    );
  });
});
