/** An exact sliding window: in no span of its length, wherever it starts, do more requests arrive than its quota allows. */
export interface SlidingWindow {
  /** When the next request may leave (monotonic ms); in the past where it may at once. */
  nextAtMs(): number;
  /** Counts a request that leaves now. */
  sent(nowMs: number): void;
  /**
   * An answer tells how late its request can have arrived.
   *
   * @param ordinal - the request's place among those counted, from 1
   */
  arrivedBy(ordinal: number, atMs: number): void;
  /** How long after it was sent a request without an answer is held to have arrived, in ms. */
  readonly lateMsMax: number;
}

/** More places than this are shared by several requests each: memory stays small, and the window still exact. */
const PLACES_MAX = 65_536;
/**
 * A request is believed to have been under way for at most this share of the window: what the network delays longer can
 * not all be waited for, or a slow answer would cost the rate of a whole window.
 */
const LATE_SHARE = 0.02;
/** Whoever counts in whole milliseconds must not find the first and the last request of two windows in one. */
const EDGE_MS = 1;

/**
 * @param requests - allowed in the window, from 1
 * @param windowMs - its length
 * @param remembered - requests of an earlier run, oldest first, at monotonic times (in the past of this run)
 */
export function createWindow(requests: number, windowMs: number, remembered: readonly { readonly atMs: number; readonly count: number }[] = []): SlidingWindow {
  const perPlace = Math.ceil(requests / PLACES_MAX);
  const placeCount = Math.floor(requests / perPlace);
  /** By place: when the last request counted there has arrived at the latest. */
  const arrivedByMs = new Float64Array(placeCount).fill(-Infinity);
  const lateMsMax = windowMs * LATE_SHARE;
  let count = 0;

  const placeOf = (ordinal: number): number => Math.floor((ordinal - 1) / perPlace) % placeCount;

  function add(atMs: number): void {
    count++;
    const place = placeOf(count);
    const isFirstThere = (count - 1) % perPlace === 0;
    arrivedByMs[place] = isFirstThere ? atMs : Math.max(arrivedByMs[place] ?? atMs, atMs);
  }

  for (const { atMs, count: many } of remembered) {
    for (let one = 0; one < Math.min(many, requests); one++) add(atMs);
  }
  const rememberedCount = count;

  return {
    lateMsMax,
    nextAtMs() {
      // Within a place that several share, only the first has to wait for those a whole quota before.
      return count % perPlace === 0 ? (arrivedByMs[placeOf(count + 1)] ?? -Infinity) + windowMs + EDGE_MS : -Infinity;
    },
    sent: (nowMs) => add(nowMs + lateMsMax),
    arrivedBy(ordinal, atMs) {
      const at = rememberedCount + ordinal;
      if (perPlace > 1 || at <= count - requests) return;
      const place = placeOf(at);
      arrivedByMs[place] = Math.min(arrivedByMs[place] ?? atMs, atMs);
    },
  };
}
