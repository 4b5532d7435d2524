import { describe, expect, it } from 'vitest';

import type { Confirmation } from '../../../src/answer/stop-texts.ts';
import type { Meaning, Question } from '../../../src/connect/paced-request.ts';
import { createRefusals, type Refusal, type Refusals, type Second } from '../../../src/connect/refusals.ts';
import type { PurgeEvent } from '../../../src/observe/events.ts';
import type { Lane } from '../../../src/pace/types.ts';
import { flushMicrotasks, VirtualClock } from '../../support/virtual-clock.ts';
import { REFUSED } from '../../support/answer/api-answer.ts';

const QUESTION = {} as Question<Meaning>;
const WELL: Second = { kind: 'well' };
const UNANSWERED: Second = { kind: 'unanswered' };
const THROTTLED: Second = { kind: 'throttled' };

/** Refusals whose confirmations are given, one answer after the other; the last one is given for all that follow. */
class Bench {
  readonly clock: VirtualClock = new VirtualClock();
  readonly halt: AbortController = new AbortController();
  /** What was asked, with the times. */
  readonly asked: string[] = [];
  readonly events: PurgeEvent[] = [];
  readonly held: string[] = [];
  readonly ends: string[] = [];
  readonly standstills: number[] = [];
  deletedCount = 59;
  stats: Second[] | undefined = [WELL];
  answers: Second[] = [WELL];
  question: (Meaning | undefined)[] = [{ kind: 'token' }];
  readonly refusals: Refusals;

  constructor() {
    this.refusals = createRefusals({
      clock: this.clock,
      observer: { event: (event) => this.events.push(event) },
      halt: {
        signal: this.halt.signal,
        fail: (error) => {
          this.ends.push(String(error));
          this.halt.abort();
        },
      },
      deletedCount: () => this.deletedCount,
      askStats: () => (this.stats === undefined ? undefined : Promise.resolve(this.#next('stats', this.stats))),
      ask: <A extends Meaning>() => Promise.resolve(this.#next('question', this.question) as A | undefined),
      onStandstill: (waitMs) => void this.standstills.push(waitMs),
      errorOf: ({ reason, answer }, confirmation: Confirmation) =>
        `${reason} ${String(answer.httpStatus)}, ${confirmation}` as unknown as Error,
    });
    const lane: Partial<Lane> = {
      hold: (reason) => void this.held.push(reason),
      release: (reason) => void this.held.splice(this.held.indexOf(reason), 1),
    };
    this.refusals.hold([lane as Lane, lane as Lane]);
  }

  #next<T>(what: string, answers: T[]): T {
    this.asked.push(`${what} at ${this.clock.monotonicMs() / 1_000} s`);
    return (answers.length > 1 ? answers.shift() : answers[0]) as T;
  }

  refuse(more: Partial<Refusal> = {}): Promise<boolean> {
    const again = (): Promise<Second> => Promise.resolve(this.#next('ID', this.answers));
    return this.refusals.refused({ reason: 'credentials', answer: REFUSED, lane: 'account', ...more }, again);
  }

  get kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }
}

describe('a refusal after deletions', () => {
  it('stops sending on all lanes, is asked again after 5 s, stats first, and was a mistake where both are well', async () => {
    const bench = new Bench();
    const goesOn = bench.refuse();
    expect(bench.held).toEqual(['refusal', 'refusal']);
    expect(bench.refusals.isUnconfirmed).toBe(true);
    await bench.clock.advance(4_999);
    expect(bench.asked).toEqual([]);
    await bench.clock.advance(1);
    expect(bench.asked).toEqual(['stats at 5 s', 'ID at 5 s']);
    expect(await goesOn).toBe(true);
    expect(bench.held).toEqual([]);
    expect(bench.refusals.isUnconfirmed).toBe(false);
    expect(bench.ends).toEqual([]);
    expect(bench.events).toEqual([
      {
        kind: 'refusal.doubted',
        lane: 'account',
        httpStatus: 403,
        code: 10000,
        message: 'Authentication error',
        deleted: 59,
        waitMs: 5_000,
      },
      { kind: 'refusal.passed', strays: 1, straysMax: 5 },
    ]);
  });

  it('ends the run where the second answer is one too, with that answer', async () => {
    const bench = new Bench();
    bench.answers = [{ kind: 'refused', reason: 'address', answer: { ...REFUSED, httpStatus: 302 } }];
    const goesOn = bench.refuse();
    await bench.clock.advance(5_000);
    expect(await goesOn).toBe(false);
    expect(bench.ends).toEqual(['address 302, refused-again']);
    expect(bench.kinds).toEqual(['refusal.doubted']);
  });

  it('ends the run where stats are refused, and asks for no ID', async () => {
    const bench = new Bench();
    bench.stats = [{ kind: 'refused' }];
    void bench.refuse();
    await bench.clock.advance(5_000);
    expect(bench.ends).toEqual(['credentials 403, refused-again']);
    expect(bench.asked).toEqual(['stats at 5 s']);
  });

  it('is confirmed by the ID alone where stats could never be read', async () => {
    const bench = new Bench();
    bench.stats = undefined;
    const goesOn = bench.refuse();
    await bench.clock.advance(5_000);
    expect(await goesOn).toBe(true);
    expect(bench.asked).toEqual(['ID at 5 s']);
  });

  it('takes no answer neither for well nor for a refusal: it asks both again, ever more seldom, up to a minute', async () => {
    const bench = new Bench();
    bench.stats = [UNANSWERED, WELL];
    bench.answers = [UNANSWERED, UNANSWERED, UNANSWERED, UNANSWERED, WELL];
    const goesOn = bench.refuse();
    await bench.clock.advance(5_000 + 10_000 + 20_000 + 40_000 + 60_000);
    expect(bench.held).toEqual(['refusal', 'refusal']);
    await bench.clock.advance(60_000);
    expect(await goesOn).toBe(true);
    expect(bench.asked.filter((text) => text.startsWith('stats'))).toEqual(
      [5, 15, 35, 75, 135, 195].map((seconds) => `stats at ${seconds} s`),
    );
    expect(bench.asked.filter((text) => text.startsWith('ID'))).toHaveLength(5);
    expect(bench.kinds.filter((kind) => kind === 'refusal.unanswered')).toHaveLength(5);
    expect(bench.ends).toEqual([]);
  });

  it('waits as long as an answer says, and tells for how long nothing is sent: the run may give up', async () => {
    const bench = new Bench();
    bench.stats = [{ kind: 'unanswered', retryAfterMs: 300_000 }, { kind: 'unanswered', retryAfterMs: 1_000 }, WELL];
    const goesOn = bench.refuse();
    await bench.clock.advance(5_000);
    expect(bench.standstills).toEqual([300_000]);
    await bench.clock.advance(300_000 + 20_000);
    expect(await goesOn).toBe(true);
    expect(bench.asked).toEqual(['stats at 5 s', 'stats at 305 s', 'stats at 325 s', 'ID at 325 s']);
    expect(bench.standstills).toEqual([300_000]);
  });

  it('asks what was throttled again, once its lane gives another permit', async () => {
    const bench = new Bench();
    bench.stats = [THROTTLED, THROTTLED, WELL];
    bench.answers = [THROTTLED, WELL];
    const goesOn = bench.refuse();
    await bench.clock.advance(5_000);
    expect(await goesOn).toBe(true);
    expect(bench.asked.map((text) => text.split(' ')[0])).toEqual(['stats', 'stats', 'stats', 'ID', 'ID']);
  });

  it('is one with all that come while it is asked about, and with those that were sent before sending went on', async () => {
    const bench = new Bench();
    const all = Array.from({ length: 16 }, () => bench.refuse({ sentAtMs: 0 }));
    await bench.clock.advance(2_000);
    all.push(bench.refuse({ sentAtMs: 0 }));
    await bench.clock.advance(3_000);
    expect(new Set(await Promise.all(all))).toEqual(new Set([true]));
    expect(bench.kinds).toEqual(['refusal.doubted', 'refusal.passed']);
    await bench.clock.advance(1_000);
    expect(await bench.refuse({ sentAtMs: 4_999 })).toBe(true);
    expect(bench.kinds).toHaveLength(2);
    void bench.refuse({ sentAtMs: 5_500 });
    expect(bench.kinds.at(-1)).toBe('refusal.doubted');
  });

  it('ends the run as the fifth within an hour, at once; older ones do not count', async () => {
    const bench = new Bench();
    for (let count = 0; count < 4; count++) {
      void bench.refuse();
      await bench.clock.advance(300_000);
    }
    await bench.clock.advance(2_400_000);
    // An hour after the first.
    void bench.refuse();
    await bench.clock.advance(5_000);
    expect(bench.ends).toEqual([]);
    expect(bench.events.at(-1)).toEqual({ kind: 'refusal.passed', strays: 4, straysMax: 5 });
    expect(await bench.refuse()).toBe(false);
    expect(bench.ends).toEqual(['credentials 403, too-many']);
    expect(bench.held).toEqual([]);
  });
});

describe('a refusal that is believed at once', () => {
  it('comes before anything was deleted', async () => {
    const bench = new Bench();
    bench.deletedCount = 0;
    expect(await bench.refuse()).toBe(false);
    expect(bench.ends).toEqual(['credentials 403, none']);
    expect(bench.kinds).toEqual([]);
  });

  it.each([5403, 9109, 10502])('has the code %i, even where another is being confirmed', async (finalCode) => {
    const bench = new Bench();
    const final = { ...REFUSED, disposition: { kind: 'stop-run', reason: 'credentials', finalCode } } as const;
    const first = bench.refuse();
    expect(await bench.refuse({ answer: final })).toBe(false);
    expect(bench.ends).toEqual(['credentials 403, none']);
    expect(await first).toBe(false);
    expect(bench.asked).toEqual([]);
    expect(bench.held).toEqual([]);
  });

  it('ends what it is told to, in place of the run', async () => {
    const bench = new Bench();
    bench.deletedCount = 0;
    const ended: string[] = [];
    expect(await bench.refuse({ end: () => ended.push('lane 1') })).toBe(false);
    expect([ended, bench.ends]).toEqual([['lane 1'], []]);
  });
});

describe('a run that ends for another reason', () => {
  it('within the 5 s asks nothing, and leaves the refusal unconfirmed', async () => {
    const bench = new Bench();
    const goesOn = bench.refuse();
    await bench.clock.advance(2_000);
    bench.halt.abort();
    expect(await goesOn).toBe(false);
    await bench.clock.advance(600_000);
    expect(bench.asked).toEqual([]);
    expect(bench.clock.sleeperCount).toBe(0);
    expect([bench.refusals.isUnconfirmed, bench.held, bench.ends]).toEqual([true, [], []]);
  });

  it('before the refusal came does not end with it, and asks nothing', async () => {
    const bench = new Bench();
    bench.halt.abort();
    expect(await bench.refuse()).toBe(false);
    expect([bench.refusals.isUnconfirmed, bench.held, bench.ends]).toEqual([true, [], []]);
    expect(bench.events).toMatchObject([{ kind: 'warning', code: 'REFUSAL_UNCONFIRMED' }]);
  });

  it('tells it once, however many were in flight', async () => {
    const bench = new Bench();
    bench.halt.abort();
    for (let count = 0; count < 16; count++) expect(await bench.refuse()).toBe(false);
    expect(bench.kinds).toEqual(['warning']);
  });

  it('of which a refusal was the end is not doubted by those that were in flight with it', async () => {
    const bench = new Bench();
    for (let count = 0; count < 4; count++) {
      void bench.refuse();
      await bench.clock.advance(5_000);
    }
    for (let count = 0; count < 16; count++) expect(await bench.refuse()).toBe(false);
    expect(bench.ends).toEqual(['credentials 403, too-many']);
    expect(bench.kinds.filter((kind) => kind === 'warning')).toEqual([]);
  });

  it('waits until the request that confirms has ended', async () => {
    const bench = new Bench();
    const { promise, resolve } = Promise.withResolvers<Second>();
    const goesOn = bench.refusals.refused({ reason: 'credentials', answer: REFUSED, lane: 'account' }, () => promise);
    await bench.clock.advance(5_000);
    bench.halt.abort();
    let isClosed = false;
    void bench.refusals.close().then(() => (isClosed = true));
    await flushMicrotasks();
    expect(isClosed).toBe(false);
    resolve({ kind: 'refused' });
    expect(await goesOn).toBe(false);
    expect(bench.ends).toEqual(['credentials 403, refused-again']);
  });
});

describe('a question that was refused', () => {
  const refusal: Refusal = { reason: 'credentials', answer: REFUSED, lane: 'account' };

  it('is answered by its second answer, where that is none', async () => {
    const bench = new Bench();
    const asked = bench.refusals.refusedQuestion(refusal, QUESTION);
    await bench.clock.advance(5_000);
    expect(await asked).toEqual({ goesOn: true, second: { kind: 'token' } });
    expect(bench.asked).toEqual(['stats at 5 s', 'question at 5 s']);
  });

  it('does not wait for what is being confirmed, which may wait for its answer; refused twice it ends the run', async () => {
    const bench = new Bench();
    bench.question = [{ kind: 'stop-run', reason: 'account', answer: { ...REFUSED, httpStatus: 404 } } as Meaning];
    void bench.refusals.refused(refusal, () => new Promise(() => undefined));
    await bench.clock.advance(1_000);
    const asked = bench.refusals.refusedQuestion(refusal, QUESTION);
    await bench.clock.advance(5_000);
    expect(await asked).toMatchObject({ goesOn: false });
    expect(bench.asked).toEqual(['stats at 5 s', 'question at 6 s']);
    expect(bench.ends).toEqual(['account 404, refused-again']);
  });
});
