import type { Clock } from '../domain/clock.ts';
import type { Rate } from '../domain/rate.ts';
import { createAlarm } from './alarm.ts';
import { createLatencyFloor } from './quota/latency-floor.ts';
import type { RatelimitView } from './quota/ratelimit-headers.ts';
import { createRecentRate } from './quota/recent-rate.ts';
import { createReservations, type Reserve } from './quota/reservations.ts';
import { createBottleneckSpacer, type Spacer } from './spacer.ts';
import { createThrottle } from './quota/throttle.ts';
import { createToldQuotas } from './quota/told-quotas.ts';
import type { HoldReason, Lane, LaneName, Permit } from './types.ts';
import { createWindow } from './quota/window.ts';

export interface LaneOptions {
  readonly name: LaneName;
  readonly rate: Rate;
  /** Share of the quota told by the API that is never used, in [0, 1). */
  readonly reserveShare: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** Requests of earlier runs that may still count, oldest first, at times of this run's monotonic clock. */
  readonly remembered?: readonly { readonly atMs: number; readonly count: number }[];
  /** Puts requests on record before they are sent; without it a kill forgets them. */
  readonly reserve?: Reserve;
  readonly onError?: (error: unknown) => void;
  /** The API told a policy for the first time, or another one. */
  readonly onPolicy?: (view: RatelimitView) => void;
  /** The quota is used by other processes too, which `createSpacer` knows of. */
  readonly isShared?: boolean;
  /**
   * Tests, simulations and shared quotas put another one here.
   *
   * @param lateMsMax - a permit handed out later than this had better not be
   */
  readonly createSpacer?: (intervalMs: number, lateMsMax: number) => Spacer;
}

/**
 * Requests are spaced a little wider than the rate, so that the exact window, which sees how late they may have arrived,
 * seldom has to hold one back.
 */
const SPARE_SHARE = 0.0025;
const SPARE_MS_MAX = 500;
/** No window here sees what other processes send: late timers and late arrivals must find room in the spacing alone. */
const SPARE_SHARE_SHARED = 0.02;
/**
 * Permits come in batches of about this much of the rate: few enough jobs for Bottleneck (200 a second at most), and so
 * small that a batch taken late still fits into a second's spare.
 */
const BATCH_MS = 10;
/** Asked for so long ahead, batches keep their times even where a busy machine runs a timer late. */
const AHEAD_MS = 50;
/** A pace that moves by less is not worth telling the spacer. */
const PACE_STEP = 0.01;

/** One quota: permits evenly spaced at its rate, within its windows and what the API says is left, one pause for all when it is throttled. */
export function createLane(options: LaneOptions): Lane {
  const { name, rate, clock, isShared = false } = options;
  const throttle = createThrottle(rate, options.random);
  const recent = createRecentRate();
  const floor = createLatencyFloor();
  const told = createToldQuotas(options.reserveShare, options.onPolicy ?? (() => undefined));
  const window = rate.kind === 'unlimited' ? undefined : createWindow(rate.requests, rate.perMs, options.remembered, clock.monotonicMs());
  const reservations =
    rate.kind === 'unlimited' || options.reserve === undefined
      ? undefined
      : createReservations({ ...rate, clock, reserve: options.reserve, onReserved: () => listener(), onError: options.onError ?? rethrow });
  const alarm = createAlarm(clock, () => listener());
  const createSpacer = options.createSpacer ?? createBottleneckSpacer;
  const spareMs = rate.kind === 'unlimited' ? 0 : Math.min(rate.perMs * (isShared ? SPARE_SHARE_SHARED : SPARE_SHARE), SPARE_MS_MAX);
  const spareFactor = rate.kind === 'unlimited' ? 1 : rate.perMs / (rate.perMs + spareMs);
  let listener = (): void => undefined;
  let spacer: Spacer | undefined;
  let permitCount = 0;
  let askedCount = 0;
  let isClosed = false;
  const holds = new Set<HoldReason>();
  let requestCount = 0;
  let inFlight = 0;
  let throttledCount = 0;
  let pacedAt = 0;
  /** From then on what is left of the last batch is stale: a rest earns nobody a burst. */
  let staleAtMs = 0;

  function ratePerSecond(nowMs: number): number {
    return Math.min(throttle.ratePerSecond() * spareFactor, told.ratePerSecond(nowMs));
  }

  function askForBatches(nowMs: number): void {
    while (!isClosed && (askedCount === 0 || askedCount * pacedAt < AHEAD_MS)) {
      askedCount++;
      const perSecond = ratePerSecond(nowMs);
      const size = Math.max(Math.floor((perSecond * BATCH_MS) / 1000), 1);
      const intervalMs = Math.max((size * 1000) / perSecond, wholeBatchesIntervalMs(size));
      spacer ??= createSpacer(intervalMs, spareMs / 2);
      if (Math.abs(intervalMs - pacedAt) > pacedAt * PACE_STEP) {
        spacer.setIntervalMs(intervalMs);
        pacedAt = intervalMs;
      }
      void handOut(spacer, size, intervalMs);
    }
  }

  /** So many whole batches fit into a shared quota; a part of one more would be too much. */
  function wholeBatchesIntervalMs(size: number): number {
    return isShared && rate.kind === 'limited' ? (rate.perMs + spareMs) / Math.max(Math.floor(rate.requests / size), 1) : 0;
  }

  async function handOut(from: Spacer, size: number, intervalMs: number): Promise<void> {
    try {
      await from.next();
    } catch {
      return; // Closed while it waited.
    }
    askedCount--;
    permitCount = isShared ? size : Math.min(permitCount + size, Math.max(Math.ceil((size * AHEAD_MS) / intervalMs), size));
    staleAtMs = clock.monotonicMs() + intervalMs;
    listener();
    // Sent later, it would fall into a window that others fill.
    if (isShared) permitCount = 0;
  }

  function dropStale(nowMs: number): void {
    // Others are on their way as long as anybody takes; only after a rest is there nothing but this.
    if (askedCount === 0 && nowMs >= staleAtMs) permitCount = 0;
  }

  /** What holds every request back until a known time. */
  function barredUntilMs(nowMs: number): number {
    return Math.max(nowMs + throttle.pausedForMs(nowMs), window?.nextAtMs() ?? -Infinity, told.nextAtMs(nowMs));
  }

  function take(nowMs: number): Permit {
    const ordinal = ++requestCount;
    inFlight++;
    recent.add(nowMs);
    window?.sent(nowMs);
    told.sent(nowMs);
    reservations?.use();
    return { lane, ordinal, sentAtMs: nowMs, pauseCount: throttle.pauseCount };
  }

  function tryTakeProbe(): Permit | undefined {
    if (isClosed || holds.has('token')) return undefined;
    const nowMs = clock.monotonicMs();
    const untilMs = barredUntilMs(nowMs);
    if (untilMs > nowMs) {
      alarm.ringAt(untilMs);
      return undefined;
    }
    if (reservations?.isAvailable() === false) return undefined;
    if (ratePerSecond(nowMs) === Infinity) return take(nowMs);
    dropStale(nowMs);
    askForBatches(nowMs);
    if (permitCount === 0) return undefined;
    permitCount--;
    return take(nowMs);
  }

  const lane: Lane = {
    name,
    get isClosed() {
      return isClosed;
    },
    tryTake: () => (holds.size > 0 ? undefined : tryTakeProbe()),
    tryTakeProbe,
    listen: (given) => void (listener = given),
    hold: (reason) => void holds.add(reason),
    release(reason) {
      if (holds.delete(reason)) listener();
    },
    settled(permit, isAnswered) {
      inFlight--;
      if (!isAnswered) return;
      const nowMs = clock.monotonicMs();
      const latencyMs = nowMs - permit.sentAtMs;
      floor.add(latencyMs, nowMs);
      window?.answered(permit.ordinal, permit.sentAtMs, latencyMs, latencyMs - floor.ms);
    },
    told(permit, views) {
      if (told.told(views, permit.ordinal, Math.max(requestCount - permit.ordinal, inFlight), clock.monotonicMs())) listener();
    },
    throttled(permit, retryAfterMs) {
      throttledCount++;
      const nowMs = clock.monotonicMs();
      return throttle.throttled(nowMs, retryAfterMs, permit.pauseCount, window?.perSecond(nowMs) ?? recent.perSecond(nowMs));
    },
    answered: (permit) => throttle.answered(permit.pauseCount, clock.monotonicMs()),
    state() {
      const nowMs = clock.monotonicMs();
      const yieldingForMs = Math.max(told.nextAtMs(nowMs) - nowMs, 0);
      const perSecond = Math.min(throttle.ratePerSecond(), told.ratePerSecond(nowMs));
      return {
        name,
        ratePerSecond: perSecond,
        pausedForMs: throttle.pausedForMs(nowMs),
        yieldingForMs,
        held: [...holds],
        isClosed,
        requestCount,
        throttledCount,
      };
    },
    used: () => reservations?.used(),
    async close() {
      isClosed = true;
      alarm.close();
      listener();
      await spacer?.close();
    },
  };
  return lane;
}

function rethrow(error: unknown): never {
  throw error;
}
