/** Answers a second over the last few seconds, however often it is told of them. */
export interface RateMeter {
  add(count: number): void;
  perSecond(): number;
}

interface Sample {
  readonly atMs: number;
  /** Answers until then. */
  readonly total: number;
}

const WINDOW_MS = 10_000;
const SAMPLE_EVERY_MS = 500;
/** Shorter than this nothing can be said of a rate: five answers in the first millisecond are not 5,000/s. */
const SPAN_MS_MIN = 1_000;

/** @param nowMs - monotonic */
export function createRateMeter(nowMs: () => number): RateMeter {
  let total = 0;
  let oldest: Sample = { atMs: nowMs(), total };
  let newer: Sample[] = [];

  /** Drops samples older than the window, except the last of them: the rate is measured from it. */
  function forget(): void {
    const cutMs = nowMs() - WINDOW_MS;
    const kept = newer.findIndex(({ atMs }) => atMs > cutMs);
    const gone = kept === -1 ? newer.length : kept;
    oldest = newer[gone - 1] ?? oldest;
    newer = newer.slice(gone);
  }

  return {
    add(count) {
      total += count;
      // The time spent reading before the first answer does not count.
      if (total === 0) oldest = { atMs: nowMs(), total };
      else if (nowMs() - (newer.at(-1) ?? oldest).atMs >= SAMPLE_EVERY_MS) newer.push({ atMs: nowMs(), total });
      forget();
    },
    perSecond() {
      forget();
      return ((total - oldest.total) * 1_000) / Math.max(nowMs() - oldest.atMs, SPAN_MS_MIN);
    },
  };
}
