import { createQuota, type QuotaCounter } from '../../src/simulator/quota.ts';
import { seededRandom } from '../../src/simulator/random.ts';
import type { SimulatedQuota } from '../../src/simulator/simulator-options.ts';
import type { QuotaCase } from './quota-case.ts';
import type { VirtualTime } from './virtual-time.ts';

export const HOUR_MS = 3_600_000;

export interface Answer {
  readonly retryAfterMs: number | undefined;
  readonly ratelimit: string;
  readonly policy: string;
}

/** A quota at the server, and what was counted there. */
export class Server {
  readonly #time: VirtualTime;
  readonly #noise: QuotaCase['noise'];
  readonly #random: () => number;
  #quota: SimulatedQuota;
  #counter: QuotaCounter;
  sent = 0;
  done = 0;
  othersDone = 0;
  throttled = 0;
  penalties = 0;
  leastLeft: number = Infinity;
  /** Time in which a client was told to wait. */
  toldWaitMs = 0;
  #waitsUntilMs = -Infinity;
  #blockedUntilMs = -Infinity;

  constructor(time: VirtualTime, { quota, noise, later, hours, seed }: QuotaCase) {
    this.#time = time;
    this.#quota = quota;
    this.#noise = noise;
    this.#random = seededRandom(seed + 1);
    this.#counter = createQuota(quota);
    if (later === undefined) return;
    time.at((hours * HOUR_MS) / 2, () => {
      this.#quota = later;
      this.#counter = createQuota(later);
    });
  }

  request(): Answer {
    this.sent++;
    const isNoise = this.#noise !== undefined && this.#random() < this.#noise.share;
    const waitMs = isNoise ? (this.#noise?.retryAfterMs ?? 0) : this.#take();
    if (waitMs === 0) this.done++;
    else this.throttled++;
    const left = Math.max(this.#counter.left, 0);
    this.leastLeft = Math.min(this.leastLeft, left);
    const windowSeconds = Math.round(this.#quota.windowMs / 1000);
    return {
      retryAfterMs: waitMs === 0 ? undefined : Math.ceil(waitMs / 1000) * 1000,
      ratelimit: `"default";r=${left};t=1`,
      policy: `"default";q=${this.#quota.requests};w=${windowSeconds}`,
    };
  }

  /** A client has read how long it is to wait. */
  waitTold(waitMs: number): void {
    const nowMs = this.#time.nowMs;
    const untilMs = Math.max(this.#waitsUntilMs, nowMs + waitMs);
    this.toldWaitMs += untilMs - Math.max(this.#waitsUntilMs, nowMs);
    this.#waitsUntilMs = untilMs;
  }

  otherRequest(): void {
    if (this.#take() === 0) this.othersDone++;
  }

  #take(): number {
    const nowMs = this.#time.nowMs;
    const waitMs = this.#counter.take(nowMs);
    if (waitMs > 0 && this.#quota.blockMs > 0 && nowMs >= this.#blockedUntilMs) {
      this.penalties++;
      this.#blockedUntilMs = nowMs + this.#quota.blockMs;
    }
    return waitMs;
  }
}
