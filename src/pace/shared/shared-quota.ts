import { randomUUID } from 'node:crypto';

import type { Clock } from '../../domain/clock.ts';
import { createLatencyFloor } from '../quota/latency-floor.ts';
import { createBottleneckSpacer, type Spacer } from '../spacer.ts';
import { createMembership } from './membership.ts';
import { createRedisConnection } from './redis.ts';
import { AHEAD_MS_MAX, createSchedule } from './schedule.ts';
import { BEAT_MS, createSharing, type Use } from './sharing.ts';

/** Quotas that several processes use together, by way of Redis. */
export interface SharedQuota {
  /**
   * Finds Redis.
   *
   * @returns why it was not found, or `undefined` where it was
   */
  open(): Promise<string | undefined>;
  /**
   * @param keyOf - names the quota at present, alike in all processes; a batch token's changes when it is renewed
   * @param lateMsMax - a permit later than this is given up: what it sends might fall into another window
   */
  createSpacer(keyOf: () => string, intervalMs: number, lateMsMax: number): Spacer;
  /** Gives this process's part back. */
  close(): Promise<void>;
}

export interface SharedQuotaOptions {
  readonly url: string;
  readonly clock: Clock;
  /** As many processes share the quotas at least. */
  readonly membersMin: number;
  /** Redis went away, and quotas are divided among so many; or (`undefined`) it is back. */
  readonly onChange: (away: { readonly why: string; readonly dividedBy: number } | undefined) => void;
}

/** Every key in Redis begins so. */
const PREFIX = 'images-purge:';

export function createSharedQuota({ url, clock, membersMin, onChange }: SharedQuotaOptions): SharedQuota {
  const connection = createRedisConnection(url);
  const schedule = createSchedule(connection.redis);
  const membership = createMembership(connection.redis, randomUUID());
  const sharing = createSharing(membersMin);
  /** To Redis and back. */
  const journey = createLatencyFloor();
  const closing = new AbortController();
  const keysInUse = new Set<() => string>();
  let heart: Promise<void> | undefined;
  let awayBecause: string | undefined;

  const keys = (): string[] => [...new Set([...keysInUse].map((keyOf) => PREFIX + keyOf()))];

  function lose(error: unknown): void {
    if (closing.signal.aborted) return;
    connection.renewAfter(error);
    if (sharing.isAway) return;
    const why = reason(error);
    sharing.away();
    awayBecause = why;
    onChange({ why, dividedBy: sharing.dividedBy });
  }

  async function beat(): Promise<void> {
    const wasAway = sharing.isAway;
    try {
      if (keysInUse.size === 0) await connection.redis.ping();
      for (const key of keys()) sharing.present(key, await membership.beat(key, wasAway), clock.monotonicMs());
      sharing.back();
      awayBecause = undefined;
      if (wasAway) onChange(undefined);
    } catch (error) {
      lose(error);
    }
  }

  /** What the connection itself says is more to the point than that a command found it closed. */
  function reason(error: unknown): string {
    return connection.lastError() ?? (error instanceof Error ? error.message : String(error));
  }

  async function beatOn(): Promise<void> {
    while (!closing.signal.aborted) {
      await beat();
      await clock.sleep(BEAT_MS, closing.signal);
    }
  }

  function createSpacer(keyOf: () => string, firstIntervalMs: number, lateMsMax: number): Spacer {
    let intervalMs = firstIntervalMs;
    let parts = 1;
    const local = createBottleneckSpacer(intervalMs);
    const done = new AbortController();
    let last: Use['kind'] = 'wait';
    let notBeforeMs = -Infinity;
    keysInUse.add(keyOf);
    heart ??= beatOn();

    /** Whoever changes sides leaves its own interval, and the time for which places may have been given before. */
    function changeTo({ kind }: Use, nowMs: number): void {
      if (last === 'shared' && kind === 'divided') notBeforeMs = nowMs + AHEAD_MS_MAX + intervalMs * parts;
      if (last === 'divided' && kind === 'shared') notBeforeMs = nowMs + intervalMs * parts;
      last = kind;
    }

    const sleepUntil = (atMs: number): Promise<void> => clock.sleep(Math.max(atMs - clock.monotonicMs(), 0), done.signal);

    async function nextOfSchedule(): Promise<boolean> {
      const askedMs = clock.monotonicMs();
      try {
        const { kind, inMs } = await schedule.take(PREFIX + keyOf(), intervalMs);
        const nowMs = clock.monotonicMs();
        journey.add(nowMs - askedMs, nowMs);
        const atMs = askedMs + journey.ms + inMs;
        await sleepUntil(atMs);
        return kind === 'place' && clock.monotonicMs() - atMs <= lateMsMax;
      } catch (error) {
        lose(error);
        return false;
      }
    }

    async function nextOfPart(by: number): Promise<boolean> {
      if (by !== parts) local.setIntervalMs(intervalMs * by);
      parts = by;
      await local.next();
      return last === 'divided';
    }

    return {
      async next() {
        for (let isMine = false; !isMine;) {
          if (done.signal.aborted) throw new Error('closed');
          const nowMs = clock.monotonicMs();
          const use = sharing.use(PREFIX + keyOf(), nowMs);
          if (use.kind !== last) changeTo(use, nowMs);
          if (nowMs < notBeforeMs) await sleepUntil(notBeforeMs);
          else if (use.kind === 'wait') await sleepUntil(use.untilMs);
          else isMine = await (use.kind === 'shared' ? nextOfSchedule() : nextOfPart(use.by));
        }
      },
      setIntervalMs(ms) {
        intervalMs = ms;
        local.setIntervalMs(ms * parts);
      },
      async close() {
        done.abort();
        await local.close();
      },
    };
  }

  return {
    async open() {
      await connection.connect();
      await beat();
      return awayBecause;
    },
    createSpacer,
    async close() {
      closing.abort();
      await heart;
      // Whoever cannot say goodbye is forgotten soon.
      await Promise.all(keys().map((key) => membership.leave(key))).catch(() => undefined);
      connection.redis.disconnect();
    },
  };
}
