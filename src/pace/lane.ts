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
 * Permits come in batches of about this much of the rate: few enough jobs for Bottleneck (200 a second at most), and so
 * small that a batch taken late still fits into a second's headroom.
 */
const BATCH_MS = 10;
/** Asked for so long ahead, batches keep their times even where a busy machine runs a timer late. */
const AHEAD_MS = 50;

/** One quota: permits evenly spaced at its rate, one pause for all when it is throttled. */
export function createLane(options: LaneOptions): Lane {
  const { name, clock } = options;
  const throttle = createThrottle(options.rate, options.random);
  const recent = createRecentRate();
  const createSpacer = options.createSpacer ?? createBottleneckSpacer;
  let spacer: Spacer | undefined;
  let permitCount = 0;
  let askedCount = 0;
  let isClosed = false;
  let requestCount = 0;
  let throttledCount = 0;
  let pacedAt = 0;
  /** From then on what is left of the last batch is stale: a rest earns nobody a burst. */
  let staleAtMs = 0;
  const waiters = new Set<() => void>();

  const wake = (): void => {
    for (const waiter of waiters) waiter();
    waiters.clear();
  };

  function batchSize(): number {
    return Math.max(Math.floor((throttle.ratePerSecond() * HEADROOM * BATCH_MS) / 1000), 1);
  }

  function askForBatches(): void {
    while (!isClosed && (askedCount === 0 || askedCount * pacedAt < AHEAD_MS)) {
      askedCount++;
      const size = batchSize();
      const intervalMs = (size * 1000) / (throttle.ratePerSecond() * HEADROOM);
      if (spacer === undefined) spacer = createSpacer(intervalMs);
      else if (intervalMs !== pacedAt) spacer.setIntervalMs(intervalMs);
      pacedAt = intervalMs;
      void handOut(spacer, size, intervalMs);
    }
  }

  async function handOut(from: Spacer, size: number, intervalMs: number): Promise<void> {
    try {
      await from.next();
      askedCount--;
      permitCount = size;
      staleAtMs = clock.monotonicMs() + intervalMs;
    } catch {
      // Closed while it waited.
    }
    wake();
  }

  function dropStale(): void {
    // Others are on their way as long as anybody takes; only after a rest is there nothing but this.
    if (askedCount === 0 && clock.monotonicMs() >= staleAtMs) permitCount = 0;
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
      dropStale();
      askForBatches();
      if (permitCount === 0) return undefined;
      permitCount--;
      return take();
    },
    async whenFree(signal) {
      if (signal.aborted || isClosed) return;
      const pausedForMs = throttle.pausedForMs(clock.monotonicMs());
      if (pausedForMs > 0) return clock.sleep(pausedForMs, signal);
      dropStale();
      if (permitCount > 0 || throttle.ratePerSecond() === Infinity) return;
      askForBatches();
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
