import type { Lane, Permit } from './types.ts';

/**
 * A lane that takes no more than its share of the requests in flight, so that a host that hangs does not use up the other
 * lanes' share. Probes are counted, but never wait.
 */
export function limitInFlight(inner: Lane, inFlightMax: () => number): Lane {
  let inFlight = 0;
  let listener = (): void => undefined;

  function counted(permit: Permit | undefined): Permit | undefined {
    if (permit === undefined) return undefined;
    inFlight++;
    return { ...permit, lane };
  }

  const lane: Lane = {
    name: inner.name,
    get isClosed() {
      return inner.isClosed;
    },
    tryTake: () => (inFlight >= inFlightMax() ? undefined : counted(inner.tryTake())),
    tryTakeProbe: () => counted(inner.tryTakeProbe()),
    listen(given) {
      listener = given;
      inner.listen(given);
    },
    hold: (reason) => inner.hold(reason),
    release: (reason) => inner.release(reason),
    requestEnded(permit, wasAnswered) {
      const wasFull = inFlight >= inFlightMax();
      inFlight--;
      inner.requestEnded(permit, wasAnswered);
      // Work may be waiting only for this place.
      if (wasFull) listener();
    },
    quotaReported: (permit, views) => inner.quotaReported(permit, views),
    throttled: (permit, retryAfterMs) => inner.throttled(permit, retryAfterMs),
    answered: (permit) => inner.answered(permit),
    state: () => inner.state(),
    used: () => inner.used(),
    close: () => inner.close(),
  };
  return lane;
}
