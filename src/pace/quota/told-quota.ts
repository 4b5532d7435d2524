import type { RatelimitView } from './ratelimit-headers.ts';

/** What the API itself tells of a quota, and what follows for sending; pure, on given monotonic times. */
export interface ToldQuota {
  /** Counts a request that leaves now. */
  sent(nowMs: number): void;
  /**
   * An answer that tells the quota.
   *
   * @param ordinal - its request's place among those sent, from 1
   * @param uncounted - how many other requests of ours it may not have counted
   */
  told(view: RatelimitView, ordinal: number, uncounted: number, nowMs: number): void;
  /** When the next request may leave without using the reserve, as far as is known (monotonic ms). */
  nextAtMs(nowMs: number): number;
  /** Requests a second that what is left allows until more comes back. */
  ratePerSecond(nowMs: number): number;
}

/** Two returns closer than this share of the window are none of a fixed window, whose returns lie whole windows apart. */
const APART_SHARE = 0.8;
/** Requests answered out of turn may look like this many returned. */
const RETURNED_MIN = 3;
/** After so many requests that found nothing where it should have come back bit by bit, it is believed to come at once. */
const DISAPPOINTMENTS_MAX = 3;
/** Others may give back what they took at any time: after this share of the window without news, one request looks. */
const LOOK_SHARE = 0.2;
/** So many places above the reserve are kept for such looks, so that they never touch the reserve itself; but no more than a hundredth. */
const LOOKS_MAX = 3;
const LOOKS_SHARE_MAX = 0.01;
/** Where the window's end was awaited in vain, so soon again, or when some of our own would have come back one by one. */
const LOOK_AGAIN_SHARE = 0.02;
const PACE_SHARE_MIN = 0.05;
/** A place is back a window after its request *arrived*; that is believed to be at most this share of the window after it left… */
const LATE_SHARE = 0.02;
/** …and at most that long. */
const LATE_MS_MAX = 500;

/**
 * Nothing says whether the server counts in fixed windows, in a sliding one or in a bucket. In a fixed window nothing comes
 * back before its end, so until returns closer together have been seen, the quota left is spread over the time in
 * which the window is sure to end. Where it comes back bit by bit, each of our own requests gives its place back after a window.
 *
 * @param reserveShare - of the quota, in [0, 1): never to be used
 */
export function createToldQuota(first: RatelimitView, ordinal: number, reserveShare: number, nowMs: number): ToldQuota {
  const { quota, windowMs } = first;
  const reserve = Math.min(Math.ceil(quota * reserveShare), quota - 1);
  const looks = Math.min(LOOKS_MAX, Math.floor(quota * LOOKS_SHARE_MAX), quota - 1 - reserve);
  /** Times at which own requests left, the oldest first, none of them back already. */
  const sentTimes: number[] = [];
  let sentTimesStart = 0;
  /** What is surely left: what was told last, less what has been sent since. */
  let left = first.left;
  let leftToldAtMs = nowMs;
  let lastOrdinal = ordinal;
  let anchor = { left: first.left, ordinal, atMs: nowMs };
  /** Something came back, then at the earliest. */
  let lastReturnSinceMs: number | undefined;
  /** A fixed window that is under way ends by then. */
  let endsByMs = nowMs + windowMs;
  /** From a request to the return of its place. */
  const backMs = windowMs + Math.min(windowMs * LATE_SHARE, LATE_MS_MAX);
  let looksAtMs = Infinity;
  let comesBitByBit = false;
  /** What others have used of late, fading away over a window. */
  let others = { count: 0, atMs: nowMs };
  let disappointments = 0;

  function forgetOld(atMs: number): void {
    while (sentTimesStart < sentTimes.length && (sentTimes[sentTimesStart] ?? 0) <= atMs - backMs) {
      sentTimesStart++;
      // One of ours has left the window; where it comes back bit by bit, that is one more.
      if (comesBitByBit) left = Math.min(left + 1, quota);
    }
    if (sentTimesStart < 1_000) return;
    sentTimes.splice(0, sentTimesStart);
    sentTimesStart = 0;
  }

  function sawReturn(atMs: number): void {
    if (lastReturnSinceMs !== undefined && atMs - lastReturnSinceMs < windowMs * APART_SHARE) comesBitByBit = true;
    lastReturnSinceMs = anchor.atMs;
    disappointments = 0;
    endsByMs = atMs + windowMs;
    looksAtMs = Infinity;
  }

  function looked(atMs: number): void {
    leftToldAtMs = atMs;
    const someBackMs = (sentTimes[sentTimesStart + looks + RETURNED_MIN] ?? Infinity) + backMs;
    looksAtMs = Math.max(atMs + windowMs * LOOK_AGAIN_SHARE, someBackMs);
  }

  function othersPerMs(atMs: number): number {
    return (others.count * Math.exp((others.atMs - atMs) / windowMs)) / windowMs;
  }

  function sawOthers(count: number, atMs: number): void {
    others = { count: othersPerMs(atMs) * windowMs + count, atMs };
  }

  function watchReturns(view: RatelimitView, at: number, uncounted: number, atMs: number): void {
    const returned = view.left - anchor.left + (at - anchor.ordinal);
    if (returned >= RETURNED_MIN + uncounted) sawReturn(atMs);
    else if (returned >= 0) return;
    else if (-returned > uncounted) sawOthers(-returned, atMs);
    anchor = { left: view.left, ordinal: at, atMs };
  }

  return {
    sent(atMs) {
      forgetOld(atMs);
      if (left <= reserve + looks) looked(atMs);
      left--;
      sentTimes.push(atMs);
      // The window is over by then; whatever this request meets, another is over a whole window later.
      if (!comesBitByBit && atMs >= endsByMs) endsByMs = atMs + windowMs;
    },
    told(view, at, uncounted, atMs) {
      forgetOld(atMs);
      const isNewest = at > lastOrdinal;
      if (isNewest) watchReturns(view, at, uncounted, atMs);
      const surely = view.left - uncounted;
      if (comesBitByBit && isNewest && view.left < Math.max(reserve, 1)) {
        disappointments++;
        if (disappointments >= DISAPPOINTMENTS_MAX) {
          comesBitByBit = false;
          disappointments = 0;
          endsByMs = atMs + windowMs;
        }
      }
      left = isNewest ? surely : Math.min(left, surely);
      leftToldAtMs = atMs;
      lastOrdinal = Math.max(lastOrdinal, at);
    },
    nextAtMs(atMs) {
      forgetOld(atMs);
      if (left > reserve + looks) return -Infinity;
      const mayLook = left > reserve;
      if (!comesBitByBit) return mayLook ? Math.min(endsByMs, looksAtMs) : endsByMs;
      return Math.min((sentTimes[sentTimesStart] ?? Infinity) + backMs, leftToldAtMs + windowMs * (mayLook ? LOOK_SHARE : 1));
    },
    ratePerSecond(atMs) {
      const steady = ((quota - reserve - looks) * 1000) / windowMs;
      if (comesBitByBit) return steady;
      const leftMs = endsByMs - atMs;
      const forUs = left - reserve - looks - othersPerMs(atMs) * Math.max(leftMs, 0);
      const spread = leftMs <= 0 ? Infinity : (Math.max(forUs, 1) * 1000) / leftMs;
      // What is left bars the way by itself; the pace only spreads, and must find its way back soon.
      return Math.max(Math.min(steady, spread), steady * PACE_SHARE_MIN);
    },
  };
}
