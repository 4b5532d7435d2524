import { describe, expect, it } from 'vitest';

import { runWorker, type WorkerEffects } from '../../../src/send/worker.ts';

/** A worker's world as lists of what each effect gives, with everything that happened in order. */
function world(given: {
  work?: readonly (string | undefined)[];
  more?: readonly boolean[];
  permits?: readonly (number | undefined)[];
  laterPermits?: readonly (number | undefined)[];
  rooms?: number;
}): { happened: string[]; effects: WorkerEffects<string, number> } {
  const work = [...(given.work ?? [])];
  const more = [...(given.more ?? [])];
  const permits = [...(given.permits ?? [])];
  const laterPermits = [...(given.laterPermits ?? [])];
  let rooms = given.rooms ?? 0;
  const happened: string[] = [];
  return {
    happened,
    effects: {
      take: () => work.shift(),
      waitForWork: async () => {
        happened.push('waits for work');
        return more.shift() ?? false;
      },
      tryPermit: () => permits.shift(),
      waitForPermit: async () => {
        happened.push('waits for a permit');
        return laterPermits.shift();
      },
      putBack: (one) => void happened.push(`puts ${one} back`),
      sendAndSettle: async (one, permit) => void happened.push(`sends ${one} with ${permit}`),
      whenRoom: () => (rooms-- > 0 ? Promise.resolve().then(() => void happened.push('waited for room')) : undefined),
    },
  };
}

describe('a worker', () => {
  it('sends what there is with permits that are free, and ends when there is no more work', async () => {
    const { happened, effects } = world({ work: ['a', 'b'], permits: [1, 2] });
    await runWorker(effects);
    expect(happened).toEqual(['sends a with 1', 'sends b with 2', 'waits for work']);
  });

  it('waits for work as long as there may be some, and for a permit where none is free', async () => {
    const { happened, effects } = world({ work: [undefined, 'a', undefined], more: [true], laterPermits: [7] });
    await runWorker(effects);
    expect(happened).toEqual(['waits for work', 'waits for a permit', 'sends a with 7', 'waits for work']);
  });

  it('that is given no permit puts its work back unsent, and ends', async () => {
    const { happened, effects } = world({ work: ['a', 'b'], more: [true] });
    await runWorker(effects);
    expect(happened).toEqual(['waits for a permit', 'puts a back']);
  });

  it('takes nothing new before there is room for its answer, however often it was told to wait', async () => {
    const { happened, effects } = world({ work: ['a', 'b'], permits: [1, 2], rooms: 2 });
    await runWorker(effects);
    expect(happened).toEqual(['sends a with 1', 'waited for room', 'waited for room', 'sends b with 2', 'waits for work']);
  });
});
