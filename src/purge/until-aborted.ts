import type { StopRequest } from './types.ts';

/**
 * Yields what `items` yields until `signal` aborts, even while the next item is being waited for: a pipe may stay silent
 * for ever, and a run that was told to end must not wait for it.
 */
export async function* untilAborted<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  const aborted = whenAborted(signal);
  for (;;) {
    const next = iterator.next();
    // Nobody may be left to hear that it failed.
    next.catch(() => undefined);
    const result = await Promise.race([next, aborted.promise]);
    if (result === undefined || result.done === true) break;
    yield result.value;
  }
  aborted.forget();
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
export async function orStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  work.catch(() => undefined);
  const stopped = whenAborted(stop);
  try {
    await Promise.race([work, stopped.promise]);
    if (stop.aborted) throw new StoppedEarly(stop.reason as StopRequest);
    return await work;
  } finally {
    stopped.forget();
  }
}

function whenAborted(signal: AbortSignal): { readonly promise: Promise<undefined>; readonly forget: () => void } {
  let onAbort = (): void => undefined;
  const promise = new Promise<undefined>((resolve) => {
    onAbort = () => resolve(undefined);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  return { promise, forget: () => signal.removeEventListener('abort', onAbort) };
}
