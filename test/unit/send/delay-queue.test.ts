import { describe, expect, it } from 'vitest';

import { createDelayQueue } from '../../../src/send/delay-queue.ts';
import * as fc from '../../support/fast-check.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function setUp(): {
  clock: VirtualClock;
  due: { item: string; atMs: number }[];
  halt: AbortController;
  queue: ReturnType<typeof createDelayQueue<string>>;
} {
  const clock = new VirtualClock();
  const halt = new AbortController();
  const due: { item: string; atMs: number }[] = [];
  const queue = createDelayQueue<string>(clock, (item) => due.push({ item, atMs: clock.monotonicMs() }), halt.signal);
  return { clock, due, halt, queue };
}

describe('a delay queue', () => {
  it('gives each item once, at its time, a sooner one added later first', async () => {
    const { clock, due, queue } = setUp();
    queue.add('late', 1_000);
    queue.add('soon', 100);
    await clock.advance(50);
    queue.add('at once', 0);
    await clock.advance(10_000);
    expect(due).toEqual([
      { item: 'at once', atMs: 50 },
      { item: 'soon', atMs: 100 },
      { item: 'late', atMs: 1_000 },
    ]);
    expect(queue.size).toBe(0);
  });

  it('holds one timer, however many wait, and none when nobody does', async () => {
    const { clock, queue } = setUp();
    for (let n = 0; n < 100; n++) {
      queue.add(`item-${n}`, 1_000 - n);
      await clock.advance(0);
    }
    expect(clock.sleeperCount).toBe(1);
    await clock.advance(1_000);
    expect(clock.sleeperCount).toBe(0);
  });

  it('begins again after it was empty', async () => {
    const { clock, due, queue } = setUp();
    queue.add('first', 10);
    await clock.advance(1_000);
    queue.add('second', 10);
    await clock.advance(1_000);
    expect(due.map(({ item }) => item)).toEqual(['first', 'second']);
  });

  it('takes in what is added while an item is given out', async () => {
    const clock = new VirtualClock();
    const due: string[] = [];
    const queue = createDelayQueue<string>(
      clock,
      (item) => {
        due.push(item);
        if (due.length < 5) queue.add(`${item}+`, due.length % 2 === 0 ? 0 : 100);
      },
      new AbortController().signal,
    );
    queue.add('a', 1);
    await clock.advance(1_000);
    expect(due).toEqual(['a', 'a+', 'a++', 'a+++', 'a++++']);
  });

  it('gives nothing any more once it is halted, and everything back when drained, each once', async () => {
    const { clock, due, halt, queue } = setUp();
    queue.add('b', 200);
    queue.add('a', 100);
    await clock.advance(100);
    halt.abort();
    queue.add('c', 0);
    await clock.advance(10_000);
    expect(due.map(({ item }) => item)).toEqual(['a']);
    expect(queue.drain().toSorted()).toEqual(['b', 'c']);
    expect(queue.drain()).toEqual([]);
    expect(clock.sleeperCount).toBe(0);
  });

  it('whatever is added when: every item comes once, never early and not late', async () => {
    const step = fc.record({ waitMs: fc.nat({ max: 300 }), delayMs: fc.nat({ max: 1_000 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { clock, due, queue } = setUp();
        const expected: { item: string; atMs: number }[] = [];
        for (const [index, { waitMs, delayMs }] of steps.entries()) {
          await clock.advance(waitMs);
          expected.push({ item: String(index), atMs: clock.monotonicMs() + delayMs });
          queue.add(String(index), delayMs);
        }
        await clock.advance(2_000);
        const byItem = (entries: typeof expected): typeof expected => entries.toSorted((a, b) => Number(a.item) - Number(b.item));
        expect(byItem(due)).toEqual(expected);
      }),
    );
  });
});
