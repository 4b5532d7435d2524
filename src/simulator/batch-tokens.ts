import { randomUUID } from 'node:crypto';

import { createQuota, type QuotaCounter } from './quota.ts';
import type { SimulatorOptions } from './simulator-options.ts';

const PREFIX = 'batch-';

/** The batch tokens that the simulated account gives out, each with a quota of its own. */
export interface BatchTokens {
  /** Every token given out, oldest first; one given out again is there again. */
  readonly given: readonly string[];
  issue(): { readonly token: string; readonly expiresAt: string };
  /** The quota of a token that is good now; `undefined` where it is not. */
  quotaOf(token: string): QuotaCounter | undefined;
  revoke(token: string): void;
}

export function createBatchTokens({ batchTokenRate, batchTokenLifetimeMs, batchTokenCountMax }: SimulatorOptions): BatchTokens {
  const given: string[] = [];
  const known = new Map<string, { readonly expiresAtMs: number; readonly quota: QuotaCounter }>();
  const burst = Math.max(batchTokenRate / 10, 20);
  return {
    given,
    issue() {
      const last = given.at(-1);
      const token = last !== undefined && known.size >= batchTokenCountMax ? last : PREFIX + randomUUID();
      given.push(token);
      const before = known.get(token);
      if (before !== undefined) return { token, expiresAt: expiryText(before.expiresAtMs) };
      const expiresAtMs = Date.now() + batchTokenLifetimeMs;
      const quota = createQuota({ kind: 'bucket', requests: batchTokenRate, windowMs: 1_000, blockMs: 0, burst });
      known.set(token, { expiresAtMs, quota });
      return { token, expiresAt: expiryText(expiresAtMs) };
    },
    quotaOf(token) {
      const found = known.get(token);
      return found === undefined || found.expiresAtMs <= Date.now() ? undefined : found.quota;
    },
    revoke(token) {
      const found = known.get(token);
      if (found !== undefined) known.set(token, { ...found, expiresAtMs: -Infinity });
    },
  };
}

export function bearerOf(authorization: string | undefined): string | undefined {
  return authorization?.startsWith('Bearer ') === true ? authorization.slice('Bearer '.length) : undefined;
}

/** Whose quota a request is counted on: the batch token's, or the account's. */
export function laneOf(authorization: string | undefined): string {
  const token = bearerOf(authorization);
  return token?.startsWith(PREFIX) === true ? token : 'account';
}

/** With nanoseconds, as the API writes it. */
function expiryText(expiresAtMs: number): string {
  return Number.isFinite(expiresAtMs) ? new Date(expiresAtMs).toISOString().replace('Z', '000000Z') : new Date(0).toISOString();
}
