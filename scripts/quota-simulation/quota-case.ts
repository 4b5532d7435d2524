import type { Rate } from '../../src/domain/rate.ts';
import type { SimulatedQuota } from '../../src/simulator/simulator-options.ts';

/** One case: a server with a quota, machines that purge, and others who use the same quota. */
export interface QuotaCase {
  readonly name: string;
  readonly hours: number;
  readonly seed: number;
  /** What the server really allows, for each lane. */
  readonly quota: SimulatedQuota;
  readonly sendsHeaders: boolean;
  /** What the machines are told, all together. */
  readonly rate: Rate;
  readonly reserveShare: number;
  readonly machines: number;
  /** Batch tokens on each machine; 0: the account's own quota, shared by all machines. */
  readonly batchLanes: number;
  readonly concurrency: number;
  /** Other tools: so many requests at once, about so often. */
  readonly others: { readonly burst: number; readonly everyMs: number } | undefined;
  /** Share by which each machine's seconds may be off, and its time of day. */
  readonly drift: number;
  readonly wallSkewMs: number;
  /** Time an answer takes, from … to. */
  readonly latencyMs: readonly [number, number];
  /** What the server throttles whatever the speed. */
  readonly noise: { readonly share: number; readonly retryAfterMs: number } | undefined;
  /** What it allows from the middle of the time on; `undefined`: the same. */
  readonly later: SimulatedQuota | undefined;
}
