import type { Clock } from '../domain/clock.ts';
import type { Rate } from '../domain/rate.ts';
import { type Alarm, createAlarm } from './alarm.ts';
import { PermitBatches } from './permit-batches.ts';
import { createLatencyFloor, type LatencyFloor } from './quota/latency-floor.ts';
import type { RatelimitView } from './quota/ratelimit-headers.ts';
import { createRecentRate, type RecentRate } from './quota/recent-rate.ts';
import { createReservations, type Reservations, type RecordReservation, type Used } from './quota/reservations.ts';
import { createThrottle, type Pause, type Throttle } from './quota/throttle.ts';
import { createToldQuotas, type ToldQuotas } from './quota/told-quotas.ts';
import { createWindow, type SlidingWindow } from './quota/window.ts';
import { createBottleneckSpacer, type Spacer } from './spacer.ts';
import type { HoldReason, LaneName } from '../domain/lane.ts';
import type { Lane, LaneState, Permit } from './types.ts';

export interface LaneOptions {
  readonly name: LaneName;
  readonly rate: Rate;
  /** Share of the quota reported by the API that is never used, in [0, 1). */
  readonly reserveShare: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** Requests of earlier runs that may still count, oldest first, at times of this run's monotonic clock. */
  readonly remembered?: readonly { readonly atMs: number; readonly count: number }[];
  /** Records requests before they are sent; without it they are forgotten after a kill. */
  readonly recordReservation?: RecordReservation;
  readonly onError?: (error: unknown) => void;
  /** The API reported a policy for the first time, or a changed one. */
  readonly onPolicy?: (view: RatelimitView) => void;
  /** Other processes use the quota too, and `createSpacer` knows of them. */
  readonly isShared?: boolean;
  /**
   * Bottleneck's, unless tests, simulations or a shared quota bring their own.
   *
   * @param lateMsMax - a permit handed out later than this should not be used
   */
  readonly createSpacer?: (intervalMs: number, lateMsMax: number) => Spacer;
}

/**
 * One quota. Its permits are evenly spaced at its rate, and they stay within its own window and within what the API
 * reports as left. A 429 pauses the whole lane once.
 */
export function createLane(options: LaneOptions): Lane {
  return new QuotaLane(options);
}

class QuotaLane implements Lane {
  readonly name: LaneName;
  readonly #clock: Clock;
  readonly #throttle: Throttle;
  readonly #recent: RecentRate = createRecentRate();
  readonly #floor: LatencyFloor = createLatencyFloor();
  readonly #quotas: ToldQuotas;
  /** `undefined` if the rate is unlimited. */
  readonly #window: SlidingWindow | undefined;
  readonly #reservations: Reservations | undefined;
  readonly #batches: PermitBatches;
  readonly #alarm: Alarm;
  readonly #holds = new Set<HoldReason>();
  #listener: () => void = () => undefined;
  #isClosed = false;
  #requestCount = 0;
  #throttledCount = 0;
  #inFlight = 0;
  /** The last answer that said what is left. */
  #lastReport: { readonly ordinal: number; readonly left: number } = { ordinal: 0, left: 0 };

  constructor(options: LaneOptions) {
    const { name, rate, clock, remembered, recordReservation, onError = rethrow } = options;
    const wake = (): void => this.#listener();
    this.name = name;
    this.#clock = clock;
    this.#throttle = createThrottle(rate, options.random);
    this.#quotas = createToldQuotas(options.reserveShare, options.onPolicy ?? (() => undefined));
    if (rate.kind === 'limited') {
      this.#window = createWindow(rate.requests, rate.perMs, remembered, clock.monotonicMs());
      if (recordReservation !== undefined)
        this.#reservations = createReservations({ ...rate, clock, recordReservation, onReserved: wake, onError });
    }
    const { isShared = false, createSpacer = createBottleneckSpacer } = options;
    this.#batches = new PermitBatches({ rate, clock, isShared, createSpacer, onBatch: wake });
    this.#alarm = createAlarm(clock, wake);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  tryTake(): Permit | undefined {
    return this.#holds.size > 0 ? undefined : this.tryTakeProbe();
  }

  tryTakeProbe(): Permit | undefined {
    if (this.#isClosed || this.#holds.has('token')) return undefined;
    const nowMs = this.#clock.monotonicMs();
    const untilMs = this.#barredUntilMs(nowMs);
    if (untilMs > nowMs) {
      this.#alarm.ringAt(untilMs);
      return undefined;
    }
    if (this.#reservations?.isAvailable() === false) return undefined;
    const perSecond = Math.min(this.#throttle.ratePerSecond() * this.#batches.spareFactor, this.#quotas.ratePerSecond(nowMs));
    if (perSecond !== Infinity && !this.#batches.tryTake(nowMs, perSecond)) return undefined;
    return this.#take(nowMs);
  }

  listen(listener: () => void): void {
    this.#listener = listener;
  }

  hold(reason: HoldReason): void {
    this.#holds.add(reason);
  }

  release(reason: HoldReason): void {
    if (this.#holds.delete(reason)) this.#listener();
  }

  requestEnded(permit: Permit, wasAnswered: boolean): void {
    this.#inFlight--;
    if (!wasAnswered) return;
    const nowMs = this.#clock.monotonicMs();
    const latencyMs = nowMs - permit.sentAtMs;
    this.#floor.add(latencyMs, nowMs);
    this.#window?.answered(permit.ordinal, permit.sentAtMs, latencyMs, latencyMs - this.#floor.ms);
  }

  quotaReported(permit: Permit, views: readonly RatelimitView[]): void {
    if (views.length > 0) this.#lastReport = { ordinal: permit.ordinal, left: Math.min(...views.map((view) => view.left)) };
    const uncounted = Math.max(this.#requestCount - permit.ordinal, this.#inFlight);
    if (this.#quotas.report(views, permit.ordinal, uncounted, this.#clock.monotonicMs())) this.#listener();
  }

  throttled(permit: Permit, retryAfterMs: number | undefined): Pause {
    this.#throttledCount++;
    const nowMs = this.#clock.monotonicMs();
    const recentPerSecond = this.#window?.perSecond(nowMs) ?? this.#recent.perSecond(nowMs);
    const left = this.#lastReport.ordinal === permit.ordinal ? this.#lastReport.left : undefined;
    return this.#throttle.throttled(nowMs, { retryAfterMs, sentUnder: permit.pauseCount, recentPerSecond, left });
  }

  answered(permit: Permit): void {
    this.#throttle.answered(permit.pauseCount, this.#clock.monotonicMs());
  }

  state(): LaneState {
    const nowMs = this.#clock.monotonicMs();
    return {
      name: this.name,
      ratePerSecond: Math.min(this.#throttle.ratePerSecond(), this.#quotas.ratePerSecond(nowMs)),
      pausedForMs: this.#throttle.pausedForMs(nowMs),
      throttledBy: this.#throttle.cause(nowMs),
      yieldingForMs: Math.max(this.#quotas.nextAtMs(nowMs) - nowMs, 0),
      held: [...this.#holds],
      isClosed: this.#isClosed,
      requestCount: this.#requestCount,
      throttledCount: this.#throttledCount,
    };
  }

  used(): Used | undefined {
    return this.#reservations?.used();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#alarm.close();
    this.#listener();
    await this.#batches.close();
  }

  /** Until when no request may be sent, as far as that is known. */
  #barredUntilMs(nowMs: number): number {
    return Math.max(nowMs + this.#throttle.pausedForMs(nowMs), this.#window?.nextAtMs() ?? -Infinity, this.#quotas.nextAtMs(nowMs));
  }

  #take(nowMs: number): Permit {
    const ordinal = ++this.#requestCount;
    this.#inFlight++;
    this.#recent.add(nowMs);
    this.#window?.sent(nowMs);
    this.#quotas.sent(nowMs);
    this.#reservations?.use();
    return { lane: this, ordinal, sentAtMs: nowMs, pauseCount: this.#throttle.pauseCount };
  }
}

function rethrow(error: unknown): never {
  throw error;
}
