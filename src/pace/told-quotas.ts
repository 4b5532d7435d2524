import type { RatelimitView } from './ratelimit-headers.ts';
import { createToldQuota, type ToldQuota } from './told-quota.ts';

/** All policies that the API tells of one quota: the tightest of them counts at every moment. */
export interface ToldQuotas {
  sent(nowMs: number): void;
  /** Returns whether anything was told. */
  told(views: readonly RatelimitView[], ordinal: number, uncounted: number, nowMs: number): boolean;
  nextAtMs(nowMs: number): number;
  /** `Infinity` as long as nothing was told. */
  ratePerSecond(nowMs: number): number;
}

/** More policies than anybody would set up; a hostile list must not grow without end. */
const POLICIES_MAX = 16;

/** @param onPolicy - called where a policy is told for the first time, or has changed */
export function createToldQuotas(reserveShare: number, onPolicy: (view: RatelimitView) => void): ToldQuotas {
  const known = new Map<string, { readonly view: RatelimitView; readonly quota: ToldQuota }>();

  function quotaOf(view: RatelimitView, ordinal: number, nowMs: number): ToldQuota | undefined {
    const old = known.get(view.name);
    if (old !== undefined && old.view.quota === view.quota && old.view.windowMs === view.windowMs) return old.quota;
    if (old === undefined && known.size >= POLICIES_MAX) return undefined;
    const quota = createToldQuota(view, ordinal, reserveShare, nowMs);
    known.set(view.name, { view, quota });
    onPolicy(view);
    return quota;
  }

  return {
    sent(nowMs) {
      for (const { quota } of known.values()) quota.sent(nowMs);
    },
    told(views, ordinal, uncounted, nowMs) {
      for (const view of views) quotaOf(view, ordinal, nowMs)?.told(view, ordinal, uncounted, nowMs);
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
