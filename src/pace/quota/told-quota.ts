import type { RatelimitView } from './ratelimit-headers.ts';
import { SentTimes } from './sent-times.ts';

/** What the API itself reports of a quota, and what follows for sending; pure, on given monotonic times. */
export interface ToldQuota {
  /** Counts a request that leaves now. */
  sent(nowMs: number): void;
  /**
   * An answer has reported the quota.
   *
   * @param ordinal - the number of its request among those sent, from 1
   * @param uncounted - how many other requests of ours it may not have counted
   */
  report(view: RatelimitView, ordinal: number, uncounted: number, nowMs: number): void;
  /** When the next request may leave without using the reserve, as far as is known (monotonic ms). */
  nextAtMs(nowMs: number): number;
  /** Requests a second that what is left allows until more comes back. */
  ratePerSecond(nowMs: number): number;
}

/** Two returns closer together than this share of the window rule out a fixed window, whose returns are whole windows apart. */
const APART_SHARE = 0.8;
/** Fewer returned requests may only be answers that arrived out of order. */
const RETURNED_MIN = 3;
/** After this many requests found nothing left where quota should have come back bit by bit, it is taken to come back all at once. */
const DISAPPOINTMENTS_MAX = 3;
/** Other programs may give back quota at any time: after this share of the window without news, one request looks. */
const LOOK_SHARE = 0.2;
/** Places above the reserve that are kept for such looks, so that they never use the reserve itself. */
const LOOKS_MAX = 3;
/** The most of the quota that is kept for looks. */
const LOOKS_SHARE_MAX = 0.01;
/** How soon one looks again where nothing came back at the window's end, as a share of the window. */
const LOOK_AGAIN_SHARE = 0.02;
/** Spreading what is left never slows the lane below this share of its steady pace. */
const PACE_SHARE_MIN = 0.05;
/** A place comes back one window after its request *arrived*. It is taken to arrive at most this share of the window after it was sent. */
const LATE_SHARE = 0.02;
/** The longest that a request is taken to travel. */
const LATE_MS_MAX = 500;

/**
 * @param first - the first answer that reported the policy
 * @param ordinal - the number of its request among those sent, from 1
 * @param reserveShare - of the quota, in [0, 1): never used
 */
export function createToldQuota(first: RatelimitView, ordinal: number, reserveShare: number, nowMs: number): ToldQuota {
  return new PolicyQuota(first, ordinal, reserveShare, nowMs);
}

/**
 * Nothing says whether the server counts in fixed windows, in a sliding window or in a token bucket. In a fixed window
 * nothing comes back before its end. So until two returns close together have been seen, the quota left is spread over the
 * time in which the window is sure to end. Where quota comes back bit by bit, each of our own requests gives its place back
 * one window after it was sent.
 */
class PolicyQuota implements ToldQuota {
  readonly #quota: number;
  readonly #windowMs: number;
  readonly #reserve: number;
  readonly #looks: number;
  /** From a request to the return of its place. */
  readonly #backMs: number;
  readonly #sentTimes = new SentTimes();
  /** What is surely left: what was reported last, less what has been sent since. */
  #left: number;
  #leftReportedAtMs: number;
  #lastOrdinal: number;
  #anchor: { readonly left: number; readonly ordinal: number; readonly atMs: number };
  /** The earliest time at which the last return can have happened. */
  #lastReturnSinceMs: number | undefined;
  /** The current window, if windows are fixed, ends by then. */
  #endsByMs: number;
  #looksAtMs = Infinity;
  #comesBitByBit = false;
  /** What other programs have used recently, fading over a window. */
  #others: { readonly count: number; readonly atMs: number };
  #disappointments = 0;

  constructor(first: RatelimitView, ordinal: number, reserveShare: number, nowMs: number) {
    const { quota, windowMs, left } = first;
    this.#quota = quota;
    this.#windowMs = windowMs;
    this.#reserve = Math.min(Math.ceil(quota * reserveShare), quota - 1);
    this.#looks = Math.min(LOOKS_MAX, Math.floor(quota * LOOKS_SHARE_MAX), quota - 1 - this.#reserve);
    this.#backMs = windowMs + Math.min(windowMs * LATE_SHARE, LATE_MS_MAX);
    this.#left = left;
    this.#leftReportedAtMs = nowMs;
    this.#lastOrdinal = ordinal;
    this.#anchor = { left, ordinal, atMs: nowMs };
    this.#endsByMs = nowMs + windowMs;
    this.#others = { count: 0, atMs: nowMs };
  }

  sent(nowMs: number): void {
    this.#forgetOld(nowMs);
    if (this.#left <= this.#reserve + this.#looks) this.#looked(nowMs);
    this.#left--;
    this.#sentTimes.push(nowMs);
    // The window is over by then. This request falls into a window that is over one window later.
    if (!this.#comesBitByBit && nowMs >= this.#endsByMs) this.#endsByMs = nowMs + this.#windowMs;
  }

  report(view: RatelimitView, ordinal: number, uncounted: number, nowMs: number): void {
    this.#forgetOld(nowMs);
    const isNewest = ordinal > this.#lastOrdinal;
    if (isNewest) this.#watchReturns(view, ordinal, uncounted, nowMs);
    if (isNewest && this.#comesBitByBit && view.left < Math.max(this.#reserve, 1)) this.#disappointed(nowMs);
    const surely = view.left - uncounted;
    this.#left = isNewest ? surely : Math.min(this.#left, surely);
    this.#leftReportedAtMs = nowMs;
    this.#lastOrdinal = Math.max(this.#lastOrdinal, ordinal);
  }

  nextAtMs(nowMs: number): number {
    this.#forgetOld(nowMs);
    if (this.#left > this.#reserve + this.#looks) return -Infinity;
    const mayLook = this.#left > this.#reserve;
    if (!this.#comesBitByBit) return mayLook ? Math.min(this.#endsByMs, this.#looksAtMs) : this.#endsByMs;
    const ownIsBackMs = this.#sentTimes.at(0) + this.#backMs;
    return Math.min(ownIsBackMs, this.#leftReportedAtMs + this.#windowMs * (mayLook ? LOOK_SHARE : 1));
  }

  ratePerSecond(nowMs: number): number {
    const steady = ((this.#quota - this.#reserve - this.#looks) * 1000) / this.#windowMs;
    if (this.#comesBitByBit) return steady;
    const leftMs = this.#endsByMs - nowMs;
    const forUs = this.#left - this.#reserve - this.#looks - this.#othersPerMs(nowMs) * Math.max(leftMs, 0);
    const spread = leftMs <= 0 ? Infinity : (Math.max(forUs, 1) * 1000) / leftMs;
    // `nextAtMs` keeps to what is left. The pace only spreads it, and must recover quickly.
    return Math.max(Math.min(steady, spread), steady * PACE_SHARE_MIN);
  }

  #forgetOld(nowMs: number): void {
    const backCount = this.#sentTimes.forgetUntil(nowMs - this.#backMs);
    // Our own requests have left the window; where quota comes back bit by bit, as many places are free again.
    if (this.#comesBitByBit) this.#left = Math.min(this.#left + backCount, this.#quota);
  }

  #sawReturn(nowMs: number): void {
    const isSoonAgain = this.#lastReturnSinceMs !== undefined && nowMs - this.#lastReturnSinceMs < this.#windowMs * APART_SHARE;
    if (isSoonAgain) this.#comesBitByBit = true;
    this.#lastReturnSinceMs = this.#anchor.atMs;
    this.#disappointments = 0;
    this.#endsByMs = nowMs + this.#windowMs;
    this.#looksAtMs = Infinity;
  }

  #disappointed(nowMs: number): void {
    this.#disappointments++;
    if (this.#disappointments < DISAPPOINTMENTS_MAX) return;
    this.#comesBitByBit = false;
    this.#disappointments = 0;
    this.#endsByMs = nowMs + this.#windowMs;
  }

  #looked(nowMs: number): void {
    this.#leftReportedAtMs = nowMs;
    const someBackMs = this.#sentTimes.at(this.#looks + RETURNED_MIN) + this.#backMs;
    this.#looksAtMs = Math.max(nowMs + this.#windowMs * LOOK_AGAIN_SHARE, someBackMs);
  }

  #othersPerMs(nowMs: number): number {
    return (this.#others.count * Math.exp((this.#others.atMs - nowMs) / this.#windowMs)) / this.#windowMs;
  }

  #watchReturns(view: RatelimitView, ordinal: number, uncounted: number, nowMs: number): void {
    const returned = view.left - this.#anchor.left + (ordinal - this.#anchor.ordinal);
    if (returned >= RETURNED_MIN + uncounted) this.#sawReturn(nowMs);
    else if (returned >= 0) return;
    else if (-returned > uncounted) this.#others = { count: this.#othersPerMs(nowMs) * this.#windowMs - returned, atMs: nowMs };
    this.#anchor = { left: view.left, ordinal, atMs: nowMs };
  }
}
