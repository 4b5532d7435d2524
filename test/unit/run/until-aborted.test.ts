import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { describe, expect, it } from 'vitest';

import type { CheckpointFacts } from '../../../src/checkpoint/facts.ts';
import { orStopped, StoppedEarly, untilAborted } from '../../../src/run/until-aborted.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function* items(count: number, make: (index: number) => object): AsyncGenerator<object> {
  for (let index = 0; index < count; index++) yield await Promise.resolve(make(index));
}

async function* silent(): AsyncGenerator<number> {
  yield 1;
  await new Promise(() => undefined);
}

describe('untilAborted', () => {
  it('yields everything where nothing aborts, and passes errors on', async () => {
    const seen: object[] = [];
    for await (const item of untilAborted(
      items(3, (index) => ({ index })),
      new AbortController().signal,
    ))
      seen.push(item);
    expect(seen).toEqual([{ index: 0 }, { index: 1 }, { index: 2 }]);
    const failing = items(1, () => {
      throw new Error('broken');
    });
    await expect(untilAborted(failing, new AbortController().signal).next()).rejects.toThrow('broken');
  });

  it('ends while the next item is still being waited for', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    for await (const item of untilAborted(silent(), controller.signal)) {
      seen.push(item);
      setImmediate(() => controller.abort());
    }
    expect(seen).toEqual([1]);
  });

  it('keeps nothing alive that it has yielded', async () => {
    const seen: WeakRef<object>[] = [];
    const iterator = untilAborted(
      items(1_000, (index) => ({ index })),
      new AbortController().signal,
    );
    for (let count = 0; count < 900; count++) {
      const { value } = await iterator.next();
      seen.push(new WeakRef(value as object));
    }
    await new Promise(setImmediate);
    collectGarbage();
    expect(seen.filter((item) => item.deref() !== undefined).length).toBeLessThan(50);
    await iterator.return(undefined);
  });
});

describe('orStopped', () => {
  it('gives the result, or throws as soon as the run is stopped', async () => {
    expect(await orStopped(Promise.resolve(7), new AbortController().signal, undefined)).toBe(7);
    const stop = new AbortController();
    const facts = { pending: 3 } as CheckpointFacts;
    const waiting = orStopped(new Promise(() => undefined), stop.signal, facts);
    stop.abort();
    await expect(waiting).rejects.toBeInstanceOf(StoppedEarly);
    await expect(waiting).rejects.toMatchObject({ facts });
  });
});
