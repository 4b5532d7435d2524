import { describe, expect, it } from 'vitest';

import { Pulse } from '../../../src/domain/pulse.ts';
import { type Dispatch, startDispatch } from '../../../src/send/dispatch.ts';
import { flushMicrotasks } from '../../support/virtual-clock.ts';

/** A dispatch on lists of work and permits; requests are answered when the test says so. */
class Bench {
  readonly work: string[];
  readonly permits: number[];
  readonly happened: string[] = [];
  readonly errors: unknown[] = [];
  readonly linedUp: number[] = [];
  readonly answers: PromiseWithResolvers<void>[] = [];
  readonly changed: Pulse = new Pulse();
  readonly dispatch: Dispatch;
  room: PromiseWithResolvers<void> | undefined;
  isOver = false;
  isDone = false;

  constructor(given: { work?: string[]; permits?: number[]; concurrency?: number; hasRoom?: boolean } = {}) {
    this.work = given.work ?? [];
    this.permits = given.permits ?? [];
    this.room = given.hasRoom === false ? Promise.withResolvers() : undefined;
    this.dispatch = startDispatch<string, number>({
      concurrency: given.concurrency ?? 10,
      isWorkReady: () => this.work.length > 0,
      takeWork: () => this.work.shift(),
      lineUp: (count) => void this.linedUp.push(count),
      tryPermit: () => this.permits.shift(),
      send: (work, permit) => {
        this.happened.push(`${work} with ${permit}`);
        const answer = Promise.withResolvers<void>();
        this.answers.push(answer);
        return answer.promise;
      },
      whenRoom: () => this.room?.promise,
      isOver: () => this.isOver,
      whenChanged: () => this.changed.next(),
      onSent: () => this.changed.beat(),
      onError: (error) => this.errors.push(error),
    });
    void this.dispatch.done.then(() => (this.isDone = true));
  }

  async answerNext(): Promise<void> {
    this.answers.shift()?.resolve();
    await flushMicrotasks();
  }
}

describe('dispatching', () => {
  it('sends what there is with permits that are free, and is done when it is over', async () => {
    const bench = new Bench({ work: ['a', 'b'], permits: [1, 2] });
    await flushMicrotasks();
    expect(bench.happened).toEqual(['a with 1', 'b with 2']);
    bench.isOver = true;
    bench.changed.beat();
    await flushMicrotasks();
    expect(bench.isDone).toBe(false);
    await bench.answerNext();
    expect(bench.isDone).toBe(false);
    await bench.answerNext();
    expect(bench.isDone).toBe(true);
  });

  it.each([1, 3])('has %i requests in flight at most, and sends the next with the first answer', async (concurrency) => {
    const bench = new Bench({ work: ['a', 'b', 'c', 'd', 'e'], permits: [1, 2, 3, 4, 5], concurrency });
    await flushMicrotasks();
    expect(bench.happened).toHaveLength(concurrency);
    bench.dispatch.fill();
    await flushMicrotasks();
    expect(bench.happened).toHaveLength(concurrency);
    for (let sent = concurrency + 1; sent <= 5; sent++) {
      await bench.answerNext();
      expect(bench.happened).toHaveLength(sent);
    }
  });

  it('takes no ID without a permit, and no permit without an ID', async () => {
    const bench = new Bench({ work: ['a'] });
    await flushMicrotasks();
    expect(bench.work).toEqual(['a']);
    expect(bench.linedUp).toEqual([10]);
    bench.permits.push(1, 2);
    bench.dispatch.fill();
    await flushMicrotasks();
    expect(bench.happened).toEqual(['a with 1']);
    bench.changed.beat();
    await flushMicrotasks();
    expect(bench.permits).toEqual([2]);
  });

  it('takes every permit of a batch in the same call: those of a shared quota are gone after it', () => {
    const bench = new Bench({ work: ['a', 'b', 'c'] });
    bench.permits.push(1, 2, 3);
    bench.dispatch.fill();
    expect(bench.permits).toEqual([]);
  });

  it('sends when there is work again', async () => {
    const bench = new Bench({ permits: [1] });
    await flushMicrotasks();
    bench.work.push('a');
    bench.changed.beat();
    await flushMicrotasks();
    expect(bench.happened).toEqual(['a with 1']);
  });

  it('takes nothing before there is room for its answer, however often it was told to wait', async () => {
    const bench = new Bench({ work: ['a'], permits: [1], hasRoom: false });
    await flushMicrotasks();
    const first = bench.room;
    bench.room = Promise.withResolvers();
    first?.resolve();
    await flushMicrotasks();
    expect(bench.happened).toEqual([]);
    const second = bench.room;
    bench.room = undefined;
    second.resolve();
    await flushMicrotasks();
    expect(bench.happened).toEqual(['a with 1']);
  });

  it('tells of a bug in sending, and leaves the other requests alone', async () => {
    const bench = new Bench({ work: ['a', 'b'], permits: [1, 2] });
    await flushMicrotasks();
    bench.answers[0]?.reject(new Error('bug'));
    bench.isOver = true;
    await flushMicrotasks();
    expect(bench.errors).toMatchObject([{ message: 'bug' }]);
    expect(bench.isDone).toBe(false);
    bench.answers[1]?.resolve();
    await flushMicrotasks();
    expect(bench.isDone).toBe(true);
  });
});
