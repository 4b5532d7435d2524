import type { Clock } from '../domain/clock.ts';
import type { Rate } from '../domain/rate.ts';
import { createRecentRate } from './recent-rate.ts';
import { createBottleneckSpacer, type Spacer } from './spacer.ts';
import { createThrottle } from './throttle.ts';
import type { Lane, Permit } from './types.ts';

export interface LaneOptions {
  readonly name: string;
  readonly rate: Rate;
  readonly clock: Clock;
  readonly random: () => number;
  /** Tests and simulations put virtual time here. */
  readonly createSpacer?: (intervalMs: number) => Spacer;
}

/**
 * A window at the server that begins just after ours sees one request more, and the network moves requests together: a
 * hundredth of the rate is left so that neither makes one too many.
 */
const HEADROOM = 0.99;
/**
 * Permits come in batches of about this much of the rate. A batch asked for after its time is lost, so an interval must
 * outlast a late timer on a busy machine; and a limiter of just this rate allows for a burst of four such batches.
 */
const BATCH_MS = 25;

/** One quota: permits evenly spaced at its rate, one pause for all when it is throttled. */
export function createLane(options: LaneOptions): Lane {
  const { name, clock } = options;
  const throttle = createThrottle(options.rate, options.random);
  const recent = createRecentRate();
  const createSpacer = options.createSpacer ?? createBottleneckSpacer;
  let spacer: Spacer | undefined;
  let permitCount = 0;
  let isBatchAsked = false;
  let isClosed = false;
  let requestCount = 0;
  let throttledCount = 0;
  let pacedAt = 0;
  const waiters = new Set<() => void>();

  const wake = (): void => {
    for (const waiter of waiters) waiter();
    waiters.clear();
  };

  function batchSize(): number {
    return Math.max(Math.floor((throttle.ratePerSecond() * HEADROOM * BATCH_MS) / 1000), 1);
  }

  function askForBatch(): void {
    if (isBatchAsked || isClosed) return;
    isBatchAsked = true;
    const size = batchSize();
    const intervalMs = (size * 1000) / (throttle.ratePerSecond() * HEADROOM);
    if (spacer === undefined) spacer = createSpacer(intervalMs);
    else if (intervalMs !== pacedAt) spacer.setIntervalMs(intervalMs);
    pacedAt = intervalMs;
    void handOut(spacer, size);
  }

  async function handOut(from: Spacer, size: number): Promise<void> {
    try {
      await from.next();
      isBatchAsked = false;
      permitCount = size;
    } catch {
      // Closed while it waited.
    }
    wake();
  }

  function take(): Permit {
    requestCount++;
    recent.add(clock.monotonicMs());
    return { lane, pauseCount: throttle.pauseCount };
  }

  const lane: Lane = {
    name,
    tryTake() {
      if (isClosed || throttle.pausedForMs(clock.monotonicMs()) > 0) return undefined;
      if (throttle.ratePerSecond() === Infinity) return take();
      if (permitCount === 0) {
        askForBatch();
        return undefined;
      }
      permitCount--;
      if (permitCount === 0) askForBatch();
      return take();
    },
    async whenFree(signal) {
      if (signal.aborted || isClosed) return;
      const pausedForMs = throttle.pausedForMs(clock.monotonicMs());
      if (pausedForMs > 0) return clock.sleep(pausedForMs, signal);
      if (permitCount > 0 || throttle.ratePerSecond() === Infinity) return;
      askForBatch();
      await new Promise<void>((resolve) => {
        const done = (): void => {
          signal.removeEventListener('abort', done);
          waiters.delete(done);
          resolve();
        };
        waiters.add(done);
        signal.addEventListener('abort', done, { once: true });
      });
    },
    throttled(permit, retryAfterMs) {
      throttledCount++;
      const nowMs = clock.monotonicMs();
      return throttle.throttled(nowMs, retryAfterMs, permit.pauseCount, recent.perSecond(nowMs));
    },
    answered: (permit) => throttle.answered(permit.pauseCount),
    state: () => ({ name, ratePerSecond: throttle.ratePerSecond(), pausedForMs: throttle.pausedForMs(clock.monotonicMs()), requestCount, throttledCount }),
    async close() {
      isClosed = true;
      wake();
      await spacer?.close();
    },
  };
  return lane;
}
