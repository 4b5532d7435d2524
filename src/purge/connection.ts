import { createClient } from '../cloudflare/client.ts';
import type { CloudflareClient } from '../cloudflare/types.ts';
import { VERSION } from '../domain/version.ts';
import { createLane } from '../pace/lane.ts';
import { createLanes, type Lanes } from '../pace/lanes.ts';
import { type AccountStats, readAccountStats } from './account-stats.ts';
import type { RunCounters } from './counters.ts';
import { gaveUpError, refusedError } from './deleting-errors.ts';
import type { Halt } from './ending.ts';
import type { ApiOptions, PaceOptions } from './options.ts';
import type { PurgeDeps } from './types.ts';

/** The API within reach: connections and the quota they are used under. */
export interface Connection {
  readonly client: CloudflareClient;
  readonly lanes: Lanes;
  readonly close: () => Promise<void>;
}

export function connect(api: ApiOptions, pace: PaceOptions, { clock, random }: PurgeDeps): Connection {
  const client = createClient({ ...api, connections: pace.concurrency, requestTimeoutMs: pace.requestTimeoutMs, userAgent: `images-purge/${VERSION}` });
  const lanes = createLanes([createLane({ name: 'account', rate: pace.rate, clock, random })]);
  return {
    client,
    lanes,
    async close() {
      await client.close();
      await lanes.close();
    },
  };
}

export interface AskStatsOptions {
  readonly deps: PurgeDeps;
  readonly halt: Halt;
  readonly counters: RunCounters;
  readonly api: ApiOptions;
  readonly pace: PaceOptions;
  readonly checkpointPath: string;
}

/** `GET stats` before the first DELETE; `undefined` where its answer, or something else, has ended the run. */
export function askStats({ client, lanes }: Connection, options: AskStatsOptions): Promise<AccountStats | undefined> {
  const { deps, halt, counters, api, pace, checkpointPath } = options;
  const { clock, random, observer } = deps;
  const context = { checkpointPath, accountId: api.accountId, pace, counters, deletedBefore: 0, stats: { kind: 'unreadable', why: 'refused' } as const };
  return readAccountStats({
    client,
    lanes,
    clock,
    random,
    counters,
    attemptsMax: pace.attemptsMax,
    halt: halt.signal,
    giveUpAfterMs: pace.giveUpAfterMs,
    stopRun: (reason, answer) => halt.fail(refusedError(reason, answer, context)),
    giveUp: (throttle) => halt.fail(gaveUpError(context, throttle)),
    onThrottled: (lane, waitMs) => observer.event({ kind: 'lane.throttled', lane, waitMs, untilWallMs: clock.wallMs() + waitMs }),
  });
}
