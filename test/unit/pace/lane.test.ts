import { describe, expect, it } from 'vitest';

import type { Rate } from '../../../src/domain/rate.ts';
import { createLane, type LaneOptions } from '../../../src/pace/lane.ts';
import { createLanes } from '../../../src/pace/lanes.ts';
import type { Lane, Permit } from '../../../src/pace/types.ts';
import * as fc from '../../support/fast-check.ts';
import { createVirtualSpacer, flushMicrotasks, VirtualClock } from '../../support/virtual-clock.ts';

const { signal: NEVER } = new AbortController();

const TEN_A_SECOND: Rate = { kind: 'limited', requests: 10, perMs: 1_000 };

function virtualLane(rate: Rate, clock: VirtualClock, more: Partial<LaneOptions> = {}): Lane {
  return createLane({
    name: 'account',
    rate,
    reserveShare: 0,
    clock,
    random: () => 1,
    createSpacer: (intervalMs) => createVirtualSpacer(clock, intervalMs),
    ...more,
  });
}

function takeAll(lane: Lane): Permit[] {
  const permits: Permit[] = [];
  for (let permit = lane.tryTake(); permit !== undefined && permits.length < 10_000; permit = lane.tryTake()) permits.push(permit);
  for (const permit of permits) lane.requestEnded(permit, true);
  return permits;
}

/** Takes whatever it gets, each answered at once; `times` and `permits` grow as virtual time passes. */
function startTaker(lane: Lane, clock: VirtualClock): { times: number[]; permits: Permit[]; stop: () => void } {
  let isStopped = false;
  const taken = { times: [] as number[], permits: [] as Permit[], stop: () => void (isStopped = true) };
  const takeMore = (): void => {
    if (isStopped) return;
    for (const permit of takeAll(lane)) {
      taken.times.push(clock.monotonicMs());
      taken.permits.push(permit);
    }
  };
  lane.listen(takeMore);
  takeMore();
  return taken;
}

async function firstPermit(lane: Lane): Promise<Permit> {
  const permit = await createLanes([lane], new AbortController().signal).take();
  if (permit === undefined) throw new Error('the lane was free and gave no permit');
  lane.requestEnded(permit, true);
  return permit;
}

describe('a lane', () => {
  it('hands out permits evenly, none of them in a burst, just under its rate', async () => {
    const clock = new VirtualClock();
    const taker = startTaker(virtualLane(TEN_A_SECOND, clock), clock);
    await clock.advance(10_000);
    taker.stop();
    expect(taker.times.length).toBe(100);
    const gaps = taker.times.slice(1).map((time, index) => time - (taker.times[index] ?? 0));
    // The first answers do not prove when their requests arrived: one in a window waits a fiftieth of it longer, the next makes it good.
    for (const gap of gaps) expect(Math.abs(gap - 1_002.5 / 10)).toBeLessThanOrEqual(20 + 1e-6);
  });

  it('keeps nothing back for later while nobody takes: after a rest there is one batch', async () => {
    const clock = new VirtualClock();
    const lane = virtualLane({ kind: 'limited', requests: 2_000, perMs: 1_000 }, clock);
    await firstPermit(lane);
    await clock.advance(60_000);
    let count = 0;
    for (let turn = 0; turn < 10; turn++) {
      count += takeAll(lane).length;
      await flushMicrotasks();
    }
    expect(count).toBe(19);
  });

  it('that is unlimited gives a permit at once, always', () => {
    const lane = virtualLane({ kind: 'unlimited' }, new VirtualClock());
    expect(takeAll(lane)).toHaveLength(10_000);
  });

  it('gives nothing any more once it is closed, and keeps nobody waiting', async () => {
    const clock = new VirtualClock();
    const lane = virtualLane(TEN_A_SECOND, clock);
    const lanes = createLanes([lane], new AbortController().signal);
    await lanes.take();
    const waiting = Promise.all([lanes.take(), lanes.take(), lanes.takeProbe(undefined, NEVER), lanes.takeProbe(lane, NEVER)]);
    await lane.close();
    expect(await waiting).toEqual([undefined, undefined, undefined, undefined]);
    await clock.advance(60_000);
    expect(lane.tryTake()).toBeUndefined();
    expect(clock.sleeperCount).toBe(0);
  });

  it('lets a waiting worker go when the run is told to end', async () => {
    const clock = new VirtualClock();
    const halt = new AbortController();
    const lanes = createLanes([virtualLane({ kind: 'limited', requests: 1, perMs: 3_600_000 }, clock)], halt.signal);
    await lanes.take();
    const waiting = lanes.take();
    halt.abort();
    expect(await waiting).toBeUndefined();
    expect(await lanes.take()).toBeUndefined();
  });
});

describe('a 429', () => {
  it('pauses the whole lane: no permit for anybody until Retry-After has passed, not even one that was ready', async () => {
    const clock = new VirtualClock();
    const lane = virtualLane({ kind: 'limited', requests: 2_000, perMs: 1_000 }, clock);
    const permit = await firstPermit(lane);
    lane.throttled(permit, 7_000);
    const taker = startTaker(lane, clock);
    await clock.advance(6_999);
    expect(taker.times).toEqual([]);
    expect(lane.state()).toMatchObject({ pausedForMs: 1, throttledCount: 1 });
    await clock.advance(1);
    expect(taker.times.length).toBeGreaterThan(0);
    taker.stop();
  });

  it('and the storm of those in flight with it slow the lane down once', async () => {
    const clock = new VirtualClock();
    const lane = virtualLane({ kind: 'limited', requests: 6_400, perMs: 1_000 }, clock);
    await firstPermit(lane);
    const permits = takeAll(lane);
    expect(permits.length).toBeGreaterThan(30);
    for (const permit of permits) {
      lane.throttled(permit, 20_000);
      await clock.advance(10);
    }
    expect(lane.state()).toMatchObject({ ratePerSecond: 4_800, throttledCount: permits.length });
  });

  it('that blocks is followed by three quarters of the pace, which climbs back with the answers', async () => {
    const clock = new VirtualClock();
    const lane = virtualLane(TEN_A_SECOND, clock);
    lane.throttled(await firstPermit(lane), 20_000);
    await clock.advance(20_000);
    const taker = startTaker(lane, clock);
    await clock.advance(2_000);
    // 7.425 a second.
    expect(taker.times.length).toBe(15);
    let answered = 0;
    for (let second = 0; second < 60; second++) {
      await clock.advance(1_000);
      for (const permit of taker.permits.slice(answered)) lane.answered(permit);
      answered = taker.permits.length;
    }
    taker.stop();
    expect(lane.state().ratePerSecond).toBe(10);
  });

  it('without a Retry-After makes it wait longer each time, and answers to requests sent before do not shorten that', async () => {
    const clock = new VirtualClock();
    const lane = virtualLane({ kind: 'limited', requests: 2_000, perMs: 1_000 }, clock);
    const early = await firstPermit(lane);
    const waits: number[] = [];
    for (let n = 0; n < 4; n++) {
      const { waitMs } = lane.throttled(await firstPermit(lane), undefined);
      waits.push(waitMs);
      lane.answered(early);
      await clock.advance(waitMs);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  it('gives an unlimited lane a finite pace, and answers set it free again', async () => {
    const clock = new VirtualClock();
    const lane = virtualLane({ kind: 'unlimited' }, clock);
    let last: Permit | undefined;
    for (let n = 0; n < 100; n++) {
      last = lane.tryTake();
      await clock.advance(10);
    }
    if (last === undefined) throw new Error('an unlimited lane gave no permit');
    lane.throttled(last, 20_000);
    expect(lane.state().ratePerSecond).toBe(75);
    await clock.advance(20_000);
    const taker = startTaker(lane, clock);
    await clock.advance(10_000);
    taker.stop();
    expect(taker.times.length).toBeGreaterThan(700);
    expect(taker.times.length).toBeLessThanOrEqual(751);
    const late = taker.permits.at(-1) ?? last;
    for (let second = 0; second < 60; second++) {
      lane.answered(late);
      await clock.advance(1_000);
    }
    expect(lane.state().ratePerSecond).toBe(Infinity);
    expect(takeAll(lane)).toHaveLength(10_000);
  });
});

describe('several lanes', () => {
  it('are used alike, and while one stands still the other goes on', async () => {
    const clock = new VirtualClock();
    const lanes = [1, 2].map((name) => virtualLane(TEN_A_SECOND, clock, { name }));
    const halt = new AbortController();
    const all = createLanes(lanes, halt.signal);
    const run = async (): Promise<void> => {
      for (let permit = await all.take(); permit !== undefined; permit = await all.take()) permit.lane.requestEnded(permit, true);
    };
    const running = run();
    await clock.advance(10_000);
    expect(lanes.map((lane) => lane.state().requestCount)).toEqual([100, 100]);
    const [one] = lanes;
    if (one === undefined) throw new Error('there are two lanes');
    one.throttled({ lane: one, ordinal: 1, sentAtMs: 0, pauseCount: 0 }, 60_000);
    await clock.advance(9_000);
    expect(lanes.map((lane) => lane.state().requestCount)).toEqual([100, 190]);
    halt.abort();
    await running;
  });

  it('of which one is held back leave its work to the others; a probe may still use it', async () => {
    const clock = new VirtualClock();
    const [one, two] = [1, 2].map((name) => virtualLane({ kind: 'unlimited' }, clock, { name })) as [Lane, Lane];
    const all = createLanes([one, two], new AbortController().signal);
    one.hold('outage');
    expect([1, 2, 3].map(() => all.tryTake()?.lane.name)).toEqual([2, 2, 2]);
    expect((await all.takeProbe(one, NEVER))?.lane.name).toBe(1);
    two.hold('token');
    expect(all.tryTake()).toBeUndefined();
    const waiting = all.take();
    const probe = all.takeProbe(two, NEVER);
    one.release('outage');
    expect((await waiting)?.lane.name).toBe(1);
    await two.close();
    expect(await probe).toBeUndefined();
  });

  it('held back all at once give nothing but probes until they are released', async () => {
    const clock = new VirtualClock();
    const all = createLanes([virtualLane({ kind: 'unlimited' }, clock)], new AbortController().signal);
    all.hold();
    expect(all.tryTake()).toBeUndefined();
    const waiting = all.take();
    expect(await all.takeProbe(undefined, NEVER)).toBeDefined();
    all.release();
    expect(await waiting).toBeDefined();
  });
});

describe('whatever takes, throttles and answers come', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 700 }) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('take' as const), countMax: fc.integer({ min: 1, max: 400 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('throttled' as const),
        retryAfterMs: fc.option(fc.nat({ max: 3_000 }), { nil: undefined }),
        which: fc.nat(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('answered' as const), count: fc.nat({ max: 200 }) }) },
  );
  const rate = fc.constantFrom<Extract<Rate, { kind: 'limited' }>>(
    { kind: 'limited', requests: 1, perMs: 1_000 },
    { kind: 'limited', requests: 10, perMs: 1_000 },
    { kind: 'limited', requests: 2_000, perMs: 1_000 },
    { kind: 'limited', requests: 100, perMs: 5_000 },
    { kind: 'limited', requests: 20_000, perMs: 1_000 },
  );

  function expectNoWindowOverfull(rate: Extract<Rate, { kind: 'limited' }>, times: readonly number[]): void {
    let start = 0;
    times.forEach((time, end) => {
      while ((times[start] ?? 0) <= time - rate.perMs) start++;
      expect(end - start + 1).toBeLessThanOrEqual(rate.requests);
    });
  }

  it('no window ever sees more permits than its rate, and none is given in a pause', async () => {
    await fc.assert(
      fc.asyncProperty(rate, fc.array(step, { maxLength: 80 }), async (rate, steps) => {
        const clock = new VirtualClock();
        const lane = virtualLane(rate, clock);
        const times: number[] = [];
        const permits: Permit[] = [];
        for (const step of steps) {
          if (step.kind === 'time') await clock.advance(step.ms);
          else if (step.kind === 'take') {
            for (let n = 0; n < step.countMax; n++) {
              await flushMicrotasks();
              const isPaused = lane.state().pausedForMs > 0;
              const permit = lane.tryTake();
              if (permit === undefined) break;
              expect(isPaused).toBe(false);
              times.push(clock.monotonicMs());
              permits.push(permit);
            }
          } else if (step.kind === 'answered') for (const permit of permits.slice(-step.count)) lane.answered(permit);
          else {
            const permit = permits[step.which % Math.max(permits.length, 1)];
            if (permit !== undefined) lane.throttled(permit, step.retryAfterMs);
          }
        }
        expectNoWindowOverfull(rate, times);
        await lane.close();
      }),
      { numRuns: 200 },
    );
  });

  it('nor does a window after a rest of any length, however greedily permits are taken then', async () => {
    const anyRate = fc.record({
      kind: fc.constant('limited' as const),
      requests: fc.integer({ min: 1, max: 4_000 }),
      perMs: fc.constantFrom(1_000, 5_000, 60_000),
    });
    await fc.assert(
      fc.asyncProperty(
        anyRate,
        fc.array(fc.record({ restMs: fc.nat({ max: 20_000 }), takeMs: fc.integer({ min: 1, max: 3_000 }) }), { maxLength: 5 }),
        async (rate, rounds) => {
          const clock = new VirtualClock();
          const lane = virtualLane(rate, clock);
          const times: number[] = [];
          for (const { restMs, takeMs } of rounds) {
            await clock.advance(restMs);
            const taker = startTaker(lane, clock);
            await clock.advance(takeMs);
            taker.stop();
            await flushMicrotasks();
            times.push(...taker.times);
          }
          expectNoWindowOverfull(rate, times);
          await lane.close();
        },
      ),
      { numRuns: 50 },
    );
  });
});
