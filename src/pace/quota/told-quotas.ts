import type { RatelimitView } from './ratelimit-headers.ts';
import { createToldQuota, type ToldQuota } from './told-quota.ts';

/** All policies that the API reports for one quota: at any moment the tightest of them counts. */
export interface ToldQuotas {
  sent(nowMs: number): void;
  /** Returns whether anything was reported. */
  report(views: readonly RatelimitView[], ordinal: number, uncounted: number, nowMs: number): boolean;
  nextAtMs(nowMs: number): number;
  /** `Infinity` until something has been reported. */
  ratePerSecond(nowMs: number): number;
}

/** More policies than a quota would have; a hostile list must not grow without limit. */
const POLICIES_MAX = 16;

interface Known {
  readonly view: RatelimitView;
  readonly quota: ToldQuota;
  /** Of the newest request whose answer reported it. */
  ordinal: number;
  reportedAtMs: number;
}

/** @param onPolicy - called when a policy is reported for the first time, or has changed */
export function createToldQuotas(reserveShare: number, onPolicy: (view: RatelimitView) => void): ToldQuotas {
  const known = new Map<string, Known>();

  /** @param key - the policy's name, and which of several under that name it is */
  function quotaOf(key: string, view: RatelimitView, ordinal: number, nowMs: number): ToldQuota | undefined {
    const old = known.get(key);
    if (old !== undefined && old.view.quota === view.quota && old.view.windowMs === view.windowMs) {
      old.reportedAtMs = nowMs;
      old.ordinal = Math.max(old.ordinal, ordinal);
      return old.quota;
    }
    // An answer that was overtaken reports an older state.
    if (old !== undefined && ordinal < old.ordinal) return undefined;
    if (old === undefined && known.size >= POLICIES_MAX) return undefined;
    const quota = createToldQuota(view, ordinal, reserveShare, nowMs);
    known.set(key, { view, quota, ordinal, reportedAtMs: nowMs });
    onPolicy(view);
    return quota;
  }

  function forgetUnreported(nowMs: number): void {
    for (const [key, { view, reportedAtMs }] of known) if (nowMs - reportedAtMs > view.windowMs) known.delete(key);
  }

  return {
    sent(nowMs) {
      for (const { quota } of known.values()) quota.sent(nowMs);
    },
    report(views, ordinal, uncounted, nowMs) {
      const counts = new Map<string, number>();
      for (const view of views) {
        const count = (counts.get(view.name) ?? 0) + 1;
        counts.set(view.name, count);
        quotaOf(`${count} ${view.name}`, view, ordinal, nowMs)?.report(view, ordinal, uncounted, nowMs);
      }
      // A policy that is missing while others are reported is no longer in force.
      if (views.length > 0) forgetUnreported(nowMs);
      return views.length > 0;
    },
    nextAtMs(nowMs) {
      let atMs = -Infinity;
      for (const { quota } of known.values()) atMs = Math.max(atMs, quota.nextAtMs(nowMs));
      return atMs;
    },
    ratePerSecond(nowMs) {
      let perSecond = Infinity;
      for (const { quota } of known.values()) perSecond = Math.min(perSecond, quota.ratePerSecond(nowMs));
      return perSecond;
    },
  };
}
