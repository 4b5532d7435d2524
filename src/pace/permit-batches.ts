import type { Clock } from '../domain/clock.ts';
import type { Rate } from '../domain/rate.ts';
import type { Spacer } from './spacer.ts';

/**
 * Requests are spaced a little wider than the rate requires. So the exact window, which knows how late they may have arrived,
 * seldom has to delay one.
 */
const SPARE_SHARE = 0.0025;
const SPARE_MS_MAX = 500;
/** No window here sees what other processes send, so the spacing alone must allow for late timers and late arrivals. */
const SPARE_SHARE_SHARED = 0.02;
/**
 * Permits come in batches of about this much of the rate: few enough jobs for Bottleneck (200 a second at most), and so
 * small that a batch taken late still fits into a second's spare.
 */
const BATCH_MS = 10;
/** Batches are asked for this far ahead, so that they are on time even if a busy machine runs a timer late. */
const AHEAD_MS = 50;
/** Smaller changes of pace are not passed on to the spacer. */
const PACE_STEP = 0.01;

export interface PermitBatchesOptions {
  readonly rate: Rate;
  readonly clock: Clock;
  /** Other processes use the quota too, and the spacer knows of them. */
  readonly isShared: boolean;
  /** @param lateMsMax - a permit handed out later than this should not be used */
  readonly createSpacer: (intervalMs: number, lateMsMax: number) => Spacer;
  /** A batch has come. */
  readonly onBatch: () => void;
}

/** The permits of one lane, evenly spaced in time; handed out by a spacer in small batches. */
export class PermitBatches {
  /** What is left of a rate when its requests are spaced a little wider; in (0, 1]. */
  readonly spareFactor: number;
  readonly #options: PermitBatchesOptions;
  readonly #spareMs: number;
  #spacer: Spacer | undefined;
  #permitCount = 0;
  /** Batches asked for that have not come. */
  #askedCount = 0;
  #intervalMs = 0;
  /** When what is left of the last batch becomes stale: permits not used in time are not saved up for a burst. */
  #staleAtMs = 0;

  constructor(options: PermitBatchesOptions) {
    const { rate, isShared } = options;
    this.#options = options;
    this.#spareMs = rate.kind === 'unlimited' ? 0 : Math.min(rate.perMs * (isShared ? SPARE_SHARE_SHARED : SPARE_SHARE), SPARE_MS_MAX);
    this.spareFactor = rate.kind === 'unlimited' ? 1 : rate.perMs / (rate.perMs + this.#spareMs);
  }

  /** Takes one permit; `false` where there is none yet. Asks for more at the given pace. */
  tryTake(nowMs: number, perSecond: number): boolean {
    // While permits are being taken, further batches are always on their way; after a rest only this remainder is left.
    if (this.#askedCount === 0 && nowMs >= this.#staleAtMs) this.#permitCount = 0;
    this.#askForBatches(perSecond);
    if (this.#permitCount === 0) return false;
    this.#permitCount--;
    return true;
  }

  async close(): Promise<void> {
    await this.#spacer?.close();
  }

  #askForBatches(perSecond: number): void {
    const size = Math.max(Math.floor((perSecond * BATCH_MS) / 1000), 1);
    const intervalMs = Math.max((size * 1000) / perSecond, this.#wholeBatchesIntervalMs(size));
    while (this.#askedCount === 0 || this.#askedCount * this.#intervalMs < AHEAD_MS) {
      this.#askedCount++;
      this.#spacer ??= this.#options.createSpacer(intervalMs, this.#spareMs / 2);
      if (Math.abs(intervalMs - this.#intervalMs) > this.#intervalMs * PACE_STEP) {
        this.#spacer.setIntervalMs(intervalMs);
        this.#intervalMs = intervalMs;
      }
      void this.#receive(this.#spacer, size, intervalMs);
    }
  }

  /** Only whole batches fit into a shared quota: a part of one more would exceed it. */
  #wholeBatchesIntervalMs(size: number): number {
    const { rate, isShared } = this.#options;
    return isShared && rate.kind === 'limited' ? (rate.perMs + this.#spareMs) / Math.max(Math.floor(rate.requests / size), 1) : 0;
  }

  async #receive(spacer: Spacer, size: number, intervalMs: number): Promise<void> {
    const { isShared, clock, onBatch } = this.#options;
    try {
      await spacer.next();
    } catch {
      return; // Closed while it waited.
    }
    this.#askedCount--;
    const permitCountMax = Math.max(Math.ceil((size * AHEAD_MS) / intervalMs), size);
    this.#permitCount = isShared ? size : Math.min(this.#permitCount + size, permitCountMax);
    this.#staleAtMs = clock.monotonicMs() + intervalMs;
    onBatch();
    // Sent later, a request would arrive in a time that belongs to other processes.
    if (isShared) this.#permitCount = 0;
  }
}
