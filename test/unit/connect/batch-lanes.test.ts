import { describe, expect, it } from 'vitest';

import type { ReadAnswer } from '../../../src/answer/answers.ts';
import type { ApiReader, BatchHost, Exchange } from '../../../src/cloudflare/types.ts';
import { createLane } from '../../../src/pace/lane.ts';
import { createLanes } from '../../../src/pace/lanes.ts';
import type { LaneName } from '../../../src/domain/lane.ts';
import type { Lane } from '../../../src/pace/types.ts';
import { BatchLanes } from '../../../src/connect/batch-lanes.ts';
import type { LaneCredentials } from '../../../src/connect/lane-credentials.ts';
import { CONFIRM_DELAY_MS_FIRST, createRefusals, type Refusals, type Second } from '../../../src/connect/refusals.ts';
import { createCounters } from '../../../src/run/counters.ts';
import { failure, htmlPage, type SimulatedAnswer, success } from '../../../src/simulator/simulated-answers.ts';
import { flushMicrotasks, VirtualClock } from '../../support/virtual-clock.ts';
import { apiAnswer } from '../../support/answer/api-answer.ts';

function exchangeOf({ status, body }: SimulatedAnswer): Exchange {
  return apiAnswer({ httpStatus: status, body: String(body) });
}

/** Lanes whose token requests wait until the test answers them, in the order in which they were sent. */
class Bench {
  readonly clock: VirtualClock = new VirtualClock();
  readonly noneLeft: (number | undefined)[] = [];
  readonly lanes: readonly Lane[];
  readonly batch: BatchLanes;
  readonly refusals: Refusals;
  readonly events: string[] = [];
  /** What the API says when a refused ID is asked for again. */
  again: () => Promise<Second> = () => Promise.resolve({ kind: 'well' });
  readonly #requests: ((exchange: Exchange) => void)[] = [];

  constructor(laneCount: number, deletedCount = 0) {
    const { clock } = this;
    const laneOf = (name: LaneName): Lane => createLane({ name, rate: { kind: 'unlimited' }, reserveShare: 0, clock, random: () => 0.5 });
    this.lanes = Array.from({ length: laneCount }, (_, index) => laneOf(index + 1));
    const halt = new AbortController();
    this.refusals = createRefusals({
      clock,
      observer: { event: ({ kind }) => void this.events.push(kind) },
      halt: { signal: halt.signal, fail: () => undefined },
      deletedCount: () => deletedCount,
      askStats: () => undefined,
      ask: () => Promise.reject(new Error('no question was refused')),
      onStandstill: () => undefined,
      errorOf: () => new Error('refused'),
    });
    this.refusals.hold(this.lanes);
    this.batch = new BatchLanes({
      deps: { clock, random: () => 0.5, observer: { event: () => undefined } },
      halt: halt.signal,
      reader: { batchToken: () => new Promise<Exchange>((resolve) => this.#requests.push(resolve)) } as unknown as ApiReader,
      host: { withToken: () => ({}) } as unknown as BatchHost,
      account: createLanes([laneOf('account')], halt.signal),
      lanes: this.lanes,
      counters: createCounters(0),
      attemptsMax: 1,
      onToken: () => undefined,
      onThrottled: () => undefined,
      onLaneStopped: () => undefined,
      refusals: this.refusals,
      onNoneLeft: ({ httpStatus }) => this.noneLeft.push(httpStatus),
      onError: (error) => {
        throw error;
      },
    });
  }

  /** @param index - among the requests that wait, oldest first */
  async answer(answer: SimulatedAnswer, index = 0): Promise<void> {
    await flushMicrotasks();
    const [request] = this.#requests.splice(index, 1);
    if (request === undefined) throw new Error('no such request waits');
    request(exchangeOf(answer));
    await flushMicrotasks();
  }

  /** The token in use on a lane is refused. */
  refuse(lane: Lane | undefined, used?: LaneCredentials, finalCode?: number): void {
    if (lane === undefined) throw new Error('there is no such lane');
    const answer: ReadAnswer = {
      disposition: { kind: 'refused', reason: 'credentials', ...(finalCode === undefined ? {} : { finalCode }) },
      httpStatus: 401,
      code: 10000,
      message: 'Authentication error',
      cfRay: undefined,
      retryAfterMs: undefined,
    };
    this.batch.refused(lane, used ?? this.batch.credentialsOf(lane), answer, () => this.again());
  }
}

const token = (text: string): SimulatedAnswer => success({ token: text });

describe('batch lanes', () => {
  it('end the run with the last of them, though it never had a token and another had', async () => {
    const bench = new Bench(2);
    const begun = bench.batch.begin();
    await bench.answer(token('first'));
    await begun;
    bench.refuse(bench.lanes[0]);
    // What the second lane asked for is answered last of all.
    await bench.answer(token('renewed'), 1);
    bench.refuse(bench.lanes[0]);
    expect(bench.lanes.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(bench.noneLeft).toEqual([]);
    await bench.answer(failure(400, 5400, 'only one at a time'));
    expect(bench.lanes.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect(bench.noneLeft).toEqual([400]);
  });

  it('wait for no token any more once they are closed', async () => {
    const bench = new Bench(1);
    const begun = bench.batch.begin();
    await bench.answer(token('first'));
    await begun;
    bench.refuse(bench.lanes[0]);
    await bench.answer(htmlPage(503, 'busy'));
    expect(bench.clock.sleeperCount).toBe(1);
    bench.batch.close();
    await flushMicrotasks();
    expect(bench.clock.sleeperCount).toBe(0);
  });

  it('closed while a token is asked for do not take the end of that request for an answer', async () => {
    const bench = new Bench(1);
    void bench.batch.begin();
    await flushMicrotasks();
    bench.batch.close();
    await bench.answer(htmlPage(503, 'busy'));
    expect(bench.noneLeft).toEqual([]);
  });

  it.each([
    ['refuses the renewed token', 'renewed'],
    ['gives the same token again', 'first'],
  ])('of which the API %s: the last one is confirmed before it closes, where IDs were deleted', async (_, second) => {
    const bench = new Bench(1, 59);
    const [lane] = bench.lanes;
    const begun = bench.batch.begin();
    await bench.answer(token('first'));
    await begun;
    bench.refuse(lane);
    await bench.answer(token(second));
    const used = bench.batch.credentialsOf(lane as Lane);
    if (second === 'renewed') bench.refuse(lane);
    // Others in flight are refused in the same moment.
    bench.refuse(lane, used);
    expect(bench.events).toEqual(['refusal.doubted']);
    await bench.answer(token('third'));
    expect(lane?.state().held).toEqual(['refusal']);
    await bench.clock.advance(CONFIRM_DELAY_MS_FIRST);
    expect(bench.events).toEqual(['refusal.doubted', 'refusal.passed']);
    expect(lane?.isClosed).toBe(false);
    expect(lane?.state().held).toEqual([]);
    expect(bench.noneLeft).toEqual([]);
  });

  it('close, the last of them too, where the API looks at no credentials any more: to ask again makes that worse', async () => {
    const bench = new Bench(1, 59);
    const [lane] = bench.lanes;
    const begun = bench.batch.begin();
    await bench.answer(token('first'));
    await begun;
    bench.refuse(lane, undefined, 10502);
    await bench.answer(token('renewed'));
    bench.refuse(lane, undefined, 10502);
    expect(bench.events).toEqual([]);
    expect(lane?.isClosed).toBe(true);
    expect(bench.noneLeft).toEqual([401]);
  });

  it('close, the last of them too, where the token that came last is refused when it is confirmed', async () => {
    const bench = new Bench(1, 59);
    const [lane] = bench.lanes;
    const begun = bench.batch.begin();
    await bench.answer(token('only'));
    await begun;
    bench.again = () => {
      bench.refuse(lane);
      return Promise.resolve({ kind: 'unanswered' });
    };
    bench.refuse(lane);
    await bench.answer(token('only'));
    await bench.answer(token('only'));
    expect(lane?.isClosed).toBe(false);
    await bench.clock.advance(CONFIRM_DELAY_MS_FIRST);
    expect(lane?.isClosed).toBe(true);
    expect(bench.noneLeft).toEqual([401]);
  });
});
