import Bottleneck from 'bottleneck';

/** Spaces batches of permits evenly in time. */
export interface Spacer {
  /** Resolves when the next batch may be handed out: at once after idle time, otherwise one interval after the last. */
  next(): Promise<void>;
  /** Milliseconds between batches from now on. */
  setIntervalMs(intervalMs: number): void;
  close(): Promise<void>;
}

/**
 * Bottleneck does the spacing. It can run some 400 jobs a second, so one job is a whole batch of permits. `minTime`, the
 * interval of a batch, ignores weights but keeps to ideal times, so that a late timer does not delay the batches after it.
 */
export function createBottleneckSpacer(intervalMs: number): Spacer {
  let minTime = intervalMs;
  let limiter = new Bottleneck({ maxConcurrent: null, minTime });
  const replaced: Bottleneck[] = [];
  let lastWallMs = Date.now();

  /** Bottleneck plans by the wall clock. If the clock is set back, it would wait until the planned time comes again. */
  function replaceIfClockSetBack(): void {
    const nowMs = Date.now();
    const isSetBack = nowMs < lastWallMs;
    lastWallMs = nowMs;
    if (!isSetBack) return;
    replaced.push(limiter);
    limiter = new Bottleneck({ maxConcurrent: null, minTime });
  }

  return {
    next() {
      replaceIfClockSetBack();
      return limiter.schedule(() => Promise.resolve());
    },
    setIntervalMs(ms) {
      minTime = ms;
      void limiter.updateSettings({ minTime });
    },
    async close() {
      await Promise.all([...replaced, limiter].map((one) => one.stop({ dropWaitingJobs: true }).catch(() => undefined)));
    },
  };
}
