import type { CheckpointFacts } from '../checkpoint/facts.ts';

/**
 * Yields what `items` yields until `signal` aborts, even while the next item is being waited for: a pipe may stay silent
 * for ever, and a run that was told to end must not wait for it.
 */
export async function* untilAborted<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  let wake = (): void => undefined;
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    while (!signal.aborted) {
      // A new promise for each item: `Promise.race` with one that lives as long as the run would keep every batch in memory.
      const result = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
        wake = () => resolve(undefined);
        iterator.next().then(resolve, reject);
      });
      if (result === undefined || result.done === true) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** The run was told to end before it had begun or resumed a purge. */
export class StoppedEarly extends Error {
  /** The purge it would have resumed; `undefined` where it would have begun one. */
  readonly facts: CheckpointFacts | undefined;

  constructor(facts: CheckpointFacts | undefined) {
    super('the run was told to end');
    this.name = 'StoppedEarly';
    this.facts = facts;
  }
}

/** Waits for `work`, or throws {@link StoppedEarly} with `facts` as soon as `halt` aborts. */
export function orStopped<T>(work: Promise<T>, halt: AbortSignal, facts: CheckpointFacts | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const onHalt = (): void => reject(new StoppedEarly(facts));
    if (halt.aborted) onHalt();
    halt.addEventListener('abort', onHalt, { once: true });
    work.then(resolve, reject).finally(() => halt.removeEventListener('abort', onHalt));
  });
}
