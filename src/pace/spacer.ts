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
  let minTime = intervalMs;
  let limiter = new Bottleneck({ maxConcurrent: null, minTime });
  const replaced: Bottleneck[] = [];
  let lastWallMs = Date.now();

  /** Bottleneck's ideal times are the wall clock's: where that is set back, it would wait until they come round again. */
  function beginAnewIfSetBack(): void {
    const nowMs = Date.now();
    const isSetBack = nowMs < lastWallMs;
    lastWallMs = nowMs;
    if (!isSetBack) return;
    replaced.push(limiter);
    limiter = new Bottleneck({ maxConcurrent: null, minTime });
  }

  return {
    next() {
      beginAnewIfSetBack();
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
