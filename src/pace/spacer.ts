import Bottleneck from 'bottleneck';

/** Spaces batches of permits evenly in time. */
export interface Spacer {
  /** Resolves when the next batch may be handed out: at once after a rest, else one interval after the last. */
  next(): Promise<void>;
  /** Milliseconds between batches from now on. */
  setIntervalMs(intervalMs: number): void;
  close(): Promise<void>;
}

/**
 * Bottleneck carries out the spacing. It manages some 400 jobs a second, so one job is a whole batch of permits, and
 * `minTime` is the interval of a batch: it ignores weights, but keeps to ideal times, so that a late timer is made good.
 */
export function createBottleneckSpacer(intervalMs: number): Spacer {
  const limiter = new Bottleneck({ maxConcurrent: null, minTime: intervalMs });
  return {
    next: () => limiter.schedule(() => Promise.resolve()),
    setIntervalMs: (ms) => void limiter.updateSettings({ minTime: ms }),
    close: () => limiter.stop({ dropWaitingJobs: true }).catch(() => undefined),
  };
}
