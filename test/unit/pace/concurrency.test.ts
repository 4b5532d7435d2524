import { describe, expect, it } from 'vitest';

import { startWorkers } from '../../../src/pace/concurrency.ts';
import { flushMicrotasks } from '../../support/virtual-clock.ts';

describe('workers', () => {
  it('are all started at once, each with its own number, and are waited for', async () => {
    const started: number[] = [];
    const ends: (() => void)[] = [];
    let isOver = false;
    const all = startWorkers(64, (index) => {
      started.push(index);
      return new Promise((resolve) => ends.push(resolve));
    }).then(() => (isOver = true));
    await flushMicrotasks();
    expect(started).toEqual(Array.from({ length: 64 }, (_, index) => index));
    for (const end of ends.slice(1)) end();
    await flushMicrotasks();
    expect(isOver).toBe(false);
    ends[0]?.();
    await all;
  });

  it('that throw do not leave the others alone: the first bug is told once all have ended', async () => {
    const ends: (() => void)[] = [];
    let hasFailed = false;
    const all = startWorkers(3, (index) =>
      index < 2 ? Promise.reject(new Error(`bug ${index}`)) : new Promise((resolve) => ends.push(resolve)),
    );
    const watched = all.catch((error: unknown) => {
      hasFailed = true;
      return error;
    });
    await flushMicrotasks();
    expect(hasFailed).toBe(false);
    ends[0]?.();
    expect(await watched).toMatchObject({ message: 'bug 0' });
  });
});
