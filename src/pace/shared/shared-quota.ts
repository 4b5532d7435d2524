import { randomUUID } from 'node:crypto';

import type { Clock } from '../../domain/clock.ts';
import { createLatencyFloor, type LatencyFloor } from '../quota/latency-floor.ts';
import type { Spacer } from '../spacer.ts';
import { createMembership, type Membership } from './membership.ts';
import { createRedisConnection, type RedisConnection } from './redis.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import { SharedSpacer } from './shared-spacer.ts';
import { BEAT_MS, createSharing, type Sharing } from './sharing.ts';

/** Quotas that several processes use together, through Redis. */
export interface SharedQuota {
  /**
   * Connects to Redis.
   *
   * @returns why that failed; `undefined` if it succeeded
   */
  open(): Promise<string | undefined>;
  /**
   * @param keyOf - the quota's current name, the same in all processes; that of a batch token changes with each renewal
   * @param lateMsMax - a permit later than this is not used: what it sends might fall into another window
   */
  createSpacer(keyOf: () => string, intervalMs: number, lateMsMax: number): Spacer;
  /** Gives this process's part back. */
  close(): Promise<void>;
}

export interface SharedQuotaOptions {
  readonly url: string;
  readonly clock: Clock;
  /** At least this many processes share the quotas. */
  readonly membersMin: number;
  /** Redis is away, and quotas are divided among this many processes; `undefined`: it is back. */
  readonly onChange: (away: { readonly why: string; readonly dividedBy: number } | undefined) => void;
}

/** Every key in Redis begins so. */
const PREFIX = 'images-purge:';

export function createSharedQuota(options: SharedQuotaOptions): SharedQuota {
  return new RedisQuota(options);
}

class RedisQuota implements SharedQuota {
  readonly #clock: Clock;
  readonly #onChange: SharedQuotaOptions['onChange'];
  readonly #connection: RedisConnection;
  readonly #schedule: Schedule;
  readonly #membership: Membership;
  readonly #sharing: Sharing;
  /** To Redis and back. */
  readonly #latency: LatencyFloor = createLatencyFloor();
  readonly #closing = new AbortController();
  readonly #keysInUse = new Set<() => string>();
  #heartbeat: Promise<void> | undefined;
  #awayBecause: string | undefined;

  constructor({ url, clock, membersMin, onChange }: SharedQuotaOptions) {
    this.#clock = clock;
    this.#onChange = onChange;
    this.#connection = createRedisConnection(url);
    this.#schedule = createSchedule(this.#connection.redis);
    this.#membership = createMembership(this.#connection.redis, randomUUID());
    this.#sharing = createSharing(membersMin);
  }

  async open(): Promise<string | undefined> {
    await this.#connection.connect();
    await this.#beat();
    return this.#awayBecause;
  }

  createSpacer(keyOf: () => string, intervalMs: number, lateMsMax: number): Spacer {
    this.#keysInUse.add(keyOf);
    this.#heartbeat ??= this.#beatUntilClosed();
    return new SharedSpacer({
      clock: this.#clock,
      schedule: this.#schedule,
      sharing: this.#sharing,
      latency: this.#latency,
      keyOf: () => PREFIX + keyOf(),
      intervalMs,
      lateMsMax,
      onAway: (error) => this.#lose(error),
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#heartbeat;
    // Without Redis this process cannot sign off; the others forget it soon.
    await Promise.all(this.#keys().map((key) => this.#membership.leave(key))).catch(() => undefined);
    this.#connection.redis.disconnect();
  }

  #keys(): string[] {
    return [...new Set([...this.#keysInUse].map((keyOf) => PREFIX + keyOf()))];
  }

  async #beatUntilClosed(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#beat();
      await this.#clock.sleep(BEAT_MS, signal);
    }
  }

  async #beat(): Promise<void> {
    const sharing = this.#sharing;
    const wasAway = sharing.isAway;
    try {
      if (this.#keysInUse.size === 0) await this.#connection.redis.ping();
      for (const key of this.#keys()) sharing.present(key, await this.#membership.beat(key, wasAway), this.#clock.monotonicMs());
      sharing.back();
      this.#awayBecause = undefined;
      if (wasAway) this.#onChange(undefined);
    } catch (error) {
      this.#lose(error);
    }
  }

  #lose(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.#connection.renewAfter(error);
    if (this.#sharing.isAway) return;
    // The connection's own error is more precise than that of a command which found it closed.
    const why = this.#connection.lastError() ?? (error instanceof Error ? error.message : String(error));
    this.#sharing.away();
    this.#awayBecause = why;
    this.#onChange({ why, dividedBy: this.#sharing.dividedBy });
  }
}
