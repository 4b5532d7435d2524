import { createBatchHost } from '../cloudflare/batch-host.ts';
import { createClient } from '../cloudflare/client.ts';
import type { BatchToken, CloudflareClient } from '../cloudflare/types.ts';
import type { ReadAnswer } from '../answer/answers.ts';
import type { StopReason } from '../domain/disposition.ts';
import type { Rate } from '../domain/rate.ts';
import { usageError } from '../domain/errors.ts';
import { VERSION } from '../domain/version.ts';
import { createGiveUpWatch, type GiveUpWatch, type Standstill } from '../pace/give-up.ts';
import { createLane } from '../pace/lane.ts';
import { createLanes, type Lanes } from '../pace/lanes.ts';
import type { SharedQuota } from '../pace/shared/shared-quota.ts';
import { limitInFlight } from '../pace/slots.ts';
import type { Lane, LaneName, Permit } from '../pace/types.ts';
import { type AccountStats, readAccountStats } from './account-stats.ts';
import { createBatchLanes } from './batch-lanes.ts';
import type { RunCounters } from '../run/counters.ts';
import { gaveUpError, noBatchTokenError, refusedError } from './stop-errors.ts';
import type { Halt } from '../run/halt.ts';
import type { LaneCredentials } from './lane-credentials.ts';
import type { ApiOptions, PaceOptions } from '../run/run-options.ts';
import type { PermitMemory } from './permit-memory.ts';
import type { PurgeDeps } from '../run/deps.ts';

/** The API within reach: connections, and the quotas they are used under. */
export interface Connection {
  /** With the account's own credentials. */
  readonly client: CloudflareClient;
  readonly account: Lanes;
  /** The lanes that delete: the account's own, or those of the batch tokens. */
  readonly lanes: Lanes;
  /** What a lane deletes with at present. */
  readonly credentialsOf: (lane: Lane) => LaneCredentials;
  readonly refused: (lane: Lane, used: LaneCredentials, answer: ReadAnswer) => void;
  /** A 429: its lane stands still, and where no other goes on that may be for too long. */
  readonly onThrottled: (permit: Permit, retryAfterMs: number | undefined) => void;
  /** Ends the run; counts while stats are asked for, and from `openLanes` on. */
  readonly giveUp: GiveUpWatch;
  /** Makes the deleting lanes ready; `false` where something has ended the run. */
  readonly openLanes: () => Promise<boolean>;
  /** Gives up what is in flight. */
  readonly abortAll: () => void;
  readonly close: () => Promise<void>;
}

export interface ConnectionOptions {
  readonly deps: PurgeDeps;
  readonly halt: Halt;
  readonly counters: RunCounters;
  readonly api: ApiOptions;
  readonly pace: PaceOptions;
  readonly memory: PermitMemory;
  /** To be pasted into a shell; as things stand when it is called. */
  readonly goOnCommand: () => string;
  /** Deleted by earlier runs of this purge. */
  readonly deletedBefore: number;
}

export async function connect(options: ConnectionOptions): Promise<Connection> {
  const { deps, halt, api, pace, memory } = options;
  const shared = await findSharedQuota(options);
  /** What names a batch lane's quota among processes: its token, which nobody can read out of it. */
  const tokenKeys = new Map<LaneName, string>();
  const sharedKeyOf = (lane: LaneName): string => (lane === 'account' ? `account:${api.accountId}` : (tokenKeys.get(lane) ?? 'no token'));
  const { clock, random, observer } = deps;
  const transport = { ...api, requestTimeoutMs: pace.requestTimeoutMs, userAgent: `images-purge/${VERSION}` };
  const isBatch = pace.batchTokenCount > 0;
  const client = createClient({ ...transport, connections: isBatch ? Math.min(pace.batchTokenCount, pace.concurrency) : pace.concurrency });

  const laneOf = (name: LaneName, rate: Rate, reserveShare: number): Lane =>
    createLane({
      name,
      rate,
      reserveShare,
      clock,
      random,
      remembered: memory.remembered(name),
      reserve: memory.reserveFor(name, rate),
      onError: (error) => halt.fail(error),
      ...(shared === undefined
        ? {}
        : {
            isShared: true,
            createSpacer: (intervalMs: number, lateMsMax: number) => shared.createSpacer(() => sharedKeyOf(name), intervalMs, lateMsMax),
          }),
      onPolicy: (view) =>
        observer.event({
          kind: 'lane.policy',
          lane: name,
          policy: view.name,
          requests: view.quota,
          windowMs: view.windowMs,
          isTighter: isTighter(view.quota * (1 - reserveShare), view.windowMs, rate),
        }),
    });

  const accountLane = laneOf('account', pace.accountRate, pace.reserveShare);
  const account = createLanes([accountLane], halt.signal);
  const effects = effectsOf(options);
  const giveUp = createGiveUpWatch({ clock, giveUpAfterMs: pace.giveUpAfterMs, onGiveUp: effects.onGiveUp });
  /** Called whenever a lane has stopped: the others may be standing still already. */
  const onLaneStopped = (lanes: Lanes): void => giveUp.standsStill(standstillMs(lanes, accountLane));
  const onThrottledOf =
    (lanes: Lanes) =>
    (permit: Permit, retryAfterMs: number | undefined): void => {
      options.counters.throttled++;
      const { isNews, waitMs } = permit.lane.throttled(permit, retryAfterMs);
      if (isNews) observer.event({ kind: 'lane.throttled', lane: permit.lane.name, waitMs, untilWallMs: clock.wallMs() + waitMs });
      onLaneStopped(lanes);
    };
  const ownCredentials: LaneCredentials = { deleter: client, isAfterRefusal: false, isProven: true };
  if (!isBatch) {
    return {
      client,
      account,
      lanes: account,
      credentialsOf: () => ownCredentials,
      refused: () => undefined,
      onThrottled: onThrottledOf(account),
      giveUp,
      openLanes() {
        giveUp.start();
        return Promise.resolve(true);
      },
      abortAll: () => client.abortAll(),
      async close() {
        giveUp.pause();
        await client.close();
        await account.close();
        await shared?.close();
      },
    };
  }

  const host = createBatchHost({ ...transport, connections: pace.concurrency });
  const inFlightMax = (): number => Math.ceil(pace.concurrency / Math.max(batchLaneList.filter((lane) => !lane.isClosed).length, 1));
  const batchLaneList: readonly Lane[] = Array.from({ length: pace.batchTokenCount }, (_, index) =>
    limitInFlight(laneOf(index + 1, pace.rate, 0), inFlightMax),
  );
  const lanes = createLanes(batchLaneList, halt.signal);
  const onToken = (lane: Lane, token: BatchToken): void => void tokenKeys.set(lane.name, `token:${token.fingerprint()}`);
  const onThrottled = onThrottledOf(lanes);
  const batch = createBatchLanes({
    ...options,
    ...effects,
    halt: halt.signal,
    client,
    host,
    account,
    lanes: batchLaneList,
    attemptsMax: pace.attemptsMax,
    onToken,
    onThrottled,
    onLaneStopped: () => onLaneStopped(lanes),
  });
  return {
    client,
    account,
    lanes,
    credentialsOf: batch.credentialsOf,
    refused: batch.refused,
    onThrottled,
    giveUp,
    async openLanes() {
      giveUp.start();
      await beforeDeleting(() => batch.begin(), client, halt.signal);
      return !halt.signal.aborted;
    },
    abortAll() {
      client.abortAll();
      host.abortAll();
    },
    async close() {
      giveUp.pause();
      batch.close();
      await Promise.all([client.close(), host.close(), account.close(), lanes.close()]);
      await shared?.close();
    },
  };
}

/** How long nothing can be deleted because the API asks to wait: one lane that has to stops nobody as long as another goes on. */
function standstillMs(lanes: Lanes, account: Lane): number {
  const standing = lanes.open.map((lane) => lane.state());
  // Where none is left, something else has ended the run.
  if (standing.length === 0) return 0;
  // A lane without a token gets one at the account's pace.
  return Math.min(
    ...standing.map(({ pausedForMs, held }) => (held.includes('token') ? Math.max(account.state().pausedForMs, pausedForMs) : pausedForMs)),
  );
}

/** Only who shares a quota pays for the packages that do it. */
async function findSharedQuota({ deps: { clock, observer }, pace }: ConnectionOptions): Promise<SharedQuota | undefined> {
  if (pace.quotaRedisUrl === undefined) return undefined;
  const { createSharedQuota } = await import('../pace/shared/shared-quota.ts');
  const shared = createSharedQuota({
    url: pace.quotaRedisUrl,
    clock,
    membersMin: pace.processCountMin,
    onChange: (away) =>
      observer.event(away === undefined ? { kind: 'quota.shared' } : { kind: 'quota.divided', by: away.dividedBy, why: away.why }),
  });
  const why = await shared.open();
  if (why === undefined || pace.processCountMin > 1) return shared;
  await shared.close();
  throw usageError(
    'QUOTA_REDIS_AWAY',
    `the Redis of --quota-redis does not answer (${why}), and nothing says how many processes use the quota; nothing was sent`,
    'Start it, or check its address and password',
    'With --shard I/N a purge can begin without it, on an N-th of the quota',
  );
}

function isTighter(requests: number, windowMs: number, rate: Rate): boolean {
  return rate.kind === 'unlimited' || requests / windowMs < rate.requests / rate.perMs;
}

/** What lanes may set off that ends the run or that people should hear of. */
function effectsOf({ halt, counters, api, pace, goOnCommand, deletedBefore }: ConnectionOptions): {
  onGiveUp: (standstill: Standstill | undefined) => void;
  onStopRun: (reason: StopReason, answer: ReadAnswer) => void;
  onNoneLeft: (answer: ReadAnswer) => void;
  onError: (error: unknown) => void;
} {
  const context = {
    goOnCommand,
    accountId: api.accountId,
    pace,
    counters,
    deletedBefore,
    stats: { kind: 'unreadable', why: 'refused' } as const,
  };
  return {
    onGiveUp: (standstill) => halt.fail(gaveUpError(context, standstill)),
    onStopRun: (reason, answer) => halt.fail(refusedError(reason, answer, context)),
    onNoneLeft: (answer) => halt.fail(noBatchTokenError(answer, goOnCommand())),
    onError: (error) => halt.fail(error),
  };
}

/** `GET stats` before the first DELETE; `undefined` where its answer, or something else, has ended the run. */
export async function askStats(
  { client, account, giveUp, onThrottled }: Connection,
  options: ConnectionOptions,
): Promise<AccountStats | undefined> {
  const { deps, halt, counters, pace } = options;
  const { clock, random } = deps;
  const { onStopRun } = effectsOf(options);
  const effects = {
    client,
    lanes: account,
    clock,
    random,
    counters,
    attemptsMax: pace.attemptsMax,
    halt: halt.signal,
    stopRun: onStopRun,
    onThrottled,
  };
  giveUp.start();
  const stats = await beforeDeleting(() => readAccountStats(effects), client, halt.signal);
  // A person may be asked before anything else is sent.
  giveUp.pause();
  return stats;
}

/** Work that only asks. Nothing is lost by giving its requests up: a run that is told to end does not wait for their answers. */
async function beforeDeleting<T>(work: () => Promise<T>, client: CloudflareClient, halt: AbortSignal): Promise<T> {
  const onHalt = (): void => client.abortAll();
  halt.addEventListener('abort', onHalt, { once: true });
  try {
    return await work();
  } finally {
    halt.removeEventListener('abort', onHalt);
  }
}
