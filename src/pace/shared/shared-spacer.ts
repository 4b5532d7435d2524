import type { Clock } from '../../domain/clock.ts';
import type { LatencyFloor } from '../quota/latency-floor.ts';
import { createBottleneckSpacer, type Spacer } from '../spacer.ts';
import { AHEAD_MS_MAX, type Schedule } from './schedule.ts';
import type { Sharing, Use } from './sharing.ts';

export interface SharedSpacerOptions {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly sharing: Sharing;
  /** To Redis and back. */
  readonly latency: LatencyFloor;
  /** The quota's current name in Redis. */
  readonly keyOf: () => string;
  readonly intervalMs: number;
  /** A permit later than this is not used: what it sends might fall into another window. */
  readonly lateMsMax: number;
  /** Redis did not answer. */
  readonly onAway: (error: unknown) => void;
}

/** Spaces the permits of one quota that other processes use too: by the common schedule, or on a divided share of it. */
export class SharedSpacer implements Spacer {
  readonly #options: SharedSpacerOptions;
  /** Spaces the divided share. */
  readonly #local: Spacer;
  readonly #closed = new AbortController();
  #intervalMs: number;
  /** How many processes the quota was last divided among. */
  #parts = 1;
  #lastUse: Use['kind'] = 'wait';
  #notBeforeMs = -Infinity;

  constructor(options: SharedSpacerOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs;
    this.#local = createBottleneckSpacer(options.intervalMs);
  }

  async next(): Promise<void> {
    const { clock, sharing, keyOf } = this.#options;
    for (let isGiven = false; !isGiven;) {
      if (this.#closed.signal.aborted) throw new Error('closed');
      const nowMs = clock.monotonicMs();
      const use = sharing.use(keyOf(), nowMs);
      if (use.kind !== this.#lastUse) this.#changeTo(use.kind, nowMs);
      if (nowMs < this.#notBeforeMs) await this.#sleepUntil(this.#notBeforeMs);
      else if (use.kind === 'wait') await this.#sleepUntil(use.untilMs);
      else isGiven = await (use.kind === 'shared' ? this.#nextOfSchedule() : this.#nextOfShare(use.by));
    }
  }

  setIntervalMs(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    this.#local.setIntervalMs(intervalMs * this.#parts);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#local.close();
  }

  /** Each change is followed by a pause of one interval. When leaving the schedule, places given ahead are waited for too. */
  #changeTo(kind: Use['kind'], nowMs: number): void {
    const intervalMs = this.#intervalMs * this.#parts;
    if (this.#lastUse === 'shared' && kind === 'divided') this.#notBeforeMs = nowMs + AHEAD_MS_MAX + intervalMs;
    if (this.#lastUse === 'divided' && kind === 'shared') this.#notBeforeMs = nowMs + intervalMs;
    this.#lastUse = kind;
  }

  #sleepUntil(atMs: number): Promise<void> {
    const { clock } = this.#options;
    return clock.sleep(Math.max(atMs - clock.monotonicMs(), 0), this.#closed.signal);
  }

  async #nextOfSchedule(): Promise<boolean> {
    const { clock, schedule, latency, keyOf, lateMsMax, onAway } = this.#options;
    const askedMs = clock.monotonicMs();
    try {
      const { kind, inMs } = await schedule.take(keyOf(), this.#intervalMs);
      const nowMs = clock.monotonicMs();
      latency.add(nowMs - askedMs, nowMs);
      const atMs = askedMs + latency.ms + inMs;
      await this.#sleepUntil(atMs);
      return kind === 'place' && clock.monotonicMs() - atMs <= lateMsMax;
    } catch (error) {
      onAway(error);
      return false;
    }
  }

  async #nextOfShare(parts: number): Promise<boolean> {
    if (parts !== this.#parts) this.#local.setIntervalMs(this.#intervalMs * parts);
    this.#parts = parts;
    await this.#local.next();
    return this.#lastUse === 'divided';
  }
}
