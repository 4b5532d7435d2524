import type { StopRequest } from './types.ts';

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
      // A promise for each item: a race with one that lives as long as the run would keep every batch alive with it.
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

/** A person stopped the run before there was anything to sum up. */
export class StoppedEarly extends Error {
  readonly request: StopRequest;

  constructor(request: StopRequest) {
    super(`stopped by ${request.name}`);
    this.name = 'StoppedEarly';
    this.request = request;
  }
}

/** Waits for `work`, or throws {@link StoppedEarly} as soon as `stop` aborts. */
export function orStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onStop = (): void => reject(new StoppedEarly(stop.reason as StopRequest));
    if (stop.aborted) onStop();
    stop.addEventListener('abort', onStop, { once: true });
    work.then(resolve, reject).finally(() => stop.removeEventListener('abort', onStop));
  });
}
