/** An exact sliding window: in no span of its length, wherever it starts, do more requests arrive than its quota allows. */
export interface SlidingWindow {
  /** When the next request may leave (monotonic ms); in the past if it may leave at once. */
  nextAtMs(): number;
  /** Counts a request that leaves now. */
  sent(nowMs: number): void;
  /**
   * An answer shows how late its request can have arrived.
   *
   * @param ordinal - the request's number among those counted, from 1
   * @param latencyMs - from sending to the answer
   * @param lateMs - how much longer it took than the quickest recent answer
   */
  answered(ordinal: number, sentAtMs: number, latencyMs: number, lateMs: number): void;
  /** Requests a second that were sent in the window ending now. */
  perSecond(nowMs: number): number;
}

/** A larger quota shares places, several requests each: memory stays small, and the window is never exceeded. */
const PLACES_MAX = 65_536;
/** Before its answer, a request is believed to have been under way for at most this share of the window… */
const LATE_SHARE_UNANSWERED = 0.02;
/** …and after it as long as it was, up to this share… */
const LATE_SHARE_MAX = 0.2;
/** …but for less where delays are the rule: on average they may cost this share of the rate. */
const LATE_SHARE_MEAN = 0.003;
/** How quickly the bound follows, for each answer. */
const LATE_STEP = 0.02;
/**
 * The first answers only show that their requests had arrived by then. They waited for connections, and until some have
 * not, the quickest recent answer is as slow as they are.
 */
const FIRST_ANSWERS = 32;
/** A server that counts in whole milliseconds must not find the requests of two windows in one. */
const EDGE_MS = 1;

/**
 * @param requests - allowed in the window, from 1
 * @param windowMs - its length
 * @param remembered - requests of an earlier run, oldest first, at monotonic times (in the past of this run)
 * @param nowMs - when this run begins: everything that an earlier run sent has arrived by then
 */
export function createWindow(
  requests: number,
  windowMs: number,
  remembered: readonly { readonly atMs: number; readonly count: number }[] = [],
  nowMs: number = Infinity,
): SlidingWindow {
  const perPlace = Math.ceil(requests / PLACES_MAX);
  const placeCount = Math.floor(requests / perPlace);
  /** By place: when the last request counted there has arrived at the latest. */
  const arrivedByMs = new Float64Array(placeCount).fill(-Infinity);
  let lateMsMax = windowMs * LATE_SHARE_MAX;
  let lateMsMean = 0;
  let count = 0;
  let answeredCount = 0;

  const unansweredMs = (): number => Math.min(lateMsMax, windowMs * LATE_SHARE_UNANSWERED);
  const placeOf = (ordinal: number): number => Math.floor((ordinal - 1) / perPlace) % placeCount;

  function add(atMs: number): void {
    count++;
    const place = placeOf(count);
    const isFirstThere = (count - 1) % perPlace === 0;
    arrivedByMs[place] = isFirstThere ? atMs : Math.max(arrivedByMs[place] ?? atMs, atMs);
  }

  for (const { atMs, count: many } of remembered) {
    // How late those arrived is no longer known.
    for (let one = 0; one < Math.min(many, requests); one++) add(Math.min(atMs + unansweredMs(), nowMs));
  }
  // The rest of a shared place stays unused: a request there would not wait for those a whole quota before it.
  count = Math.ceil(count / perPlace) * perPlace;
  const rememberedCount = count;

  /** A single late answer is allowed for in full. If many are late, that would cost too much of the rate. */
  function adaptToDelays(lateMs: number): void {
    lateMsMean += (Math.min(lateMs, lateMsMax) - lateMsMean) * LATE_STEP;
    const isTooMuch = lateMsMean > windowMs * LATE_SHARE_MEAN;
    lateMsMax = Math.min(lateMsMax * (isTooMuch ? 1 - LATE_STEP : 1 + LATE_STEP), windowMs * LATE_SHARE_MAX);
  }

  return {
    nextAtMs() {
      // In a shared place, only the first request has to wait for those a whole quota before it.
      return count % perPlace === 0 ? (arrivedByMs[placeOf(count + 1)] ?? -Infinity) + windowMs + EDGE_MS : -Infinity;
    },
    perSecond(nowMs) {
      const places = arrivedByMs.reduce((sum, atMs) => (atMs > nowMs - windowMs ? sum + 1 : sum), 0);
      return (places * perPlace * 1000) / windowMs;
    },
    sent: (atMs) => add(atMs + unansweredMs()),
    answered(ordinal, sentAtMs, latencyMs, lateMs) {
      const isFirst = ++answeredCount <= FIRST_ANSWERS;
      if (!isFirst) adaptToDelays(lateMs);
      const at = rememberedCount + ordinal;
      if (perPlace > 1 || at <= count - requests) return;
      arrivedByMs[placeOf(at)] =
        sentAtMs + (isFirst ? Math.max(unansweredMs(), Math.min(latencyMs, windowMs)) : Math.min(lateMs, lateMsMax));
    },
  };
}
