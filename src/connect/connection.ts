import type { ReadAnswer } from '../answer/answers.ts';
import { createBatchHost } from '../cloudflare/batch-host.ts';
import { createClient } from '../cloudflare/client.ts';
import type { CloudflareClient } from '../cloudflare/types.ts';
import { VERSION } from '../domain/version.ts';
import type { GiveUpWatch } from '../pace/give-up.ts';
import { createLanes, type Lanes } from '../pace/lanes.ts';
import { limitInFlight } from '../pace/in-flight-limit.ts';
import type { Lane } from '../pace/types.ts';
import type { ApiOptions } from '../run/run-options.ts';
import { type AccountAccess, type AccountAccessOptions, beforeDeleting, openAccount } from './account-access.ts';
import { BatchLanes } from './batch-lanes.ts';
import type { LaneCredentials } from './lane-credentials.ts';
import type { OnThrottled } from './paced-request.ts';
import type { Second } from './refusals.ts';
import { noBatchTokenError } from './stop-errors.ts';

/** Access to the API for a run that deletes: the account, the lanes that delete, and their credentials. */
export interface Connection {
  readonly access: AccountAccess;
  /** The lanes that delete: the account's own, or those of the batch tokens. */
  readonly lanes: Lanes;
  /** What a lane deletes with at present. */
  readonly credentialsOf: (lane: Lane) => LaneCredentials;
  readonly refused: (lane: Lane, used: LaneCredentials, answer: ReadAnswer, again: () => Promise<Second>) => void;
  /** Gives the lane another token before its next request, where it has one. */
  readonly renewToken: (lane: Lane) => void;
  /** A 429: its lane waits. If all lanes wait for too long, the run ends. */
  readonly onThrottled: OnThrottled;
  /** Ends the run after too long without a final answer; measures time during `GET stats` and after `openLanes`. */
  readonly giveUp: GiveUpWatch;
  /** Prepares the lanes that delete; `false` if the run has ended. */
  readonly openLanes: () => Promise<boolean>;
  /** Aborts all requests in flight. */
  readonly abortAll: () => void;
  readonly close: () => Promise<void>;
}

export interface ConnectionOptions extends Omit<AccountAccessOptions, 'accountId' | 'baseUrl'> {
  readonly api: ApiOptions;
  /** As `nextCommand`, without batch tokens. */
  readonly commandOnOwnQuota: () => string;
}

/** Options that both hosts are reached with. */
interface TransportPart extends ApiOptions {
  readonly requestTimeoutMs: number;
  readonly userAgent: string;
}

export async function connect(options: ConnectionOptions): Promise<Connection> {
  const { api, pace } = options;
  const { batchTokenCount, concurrency } = pace;
  const transport = { ...api, requestTimeoutMs: pace.requestTimeoutMs, userAgent: `images-purge/${VERSION}` };
  const connections = batchTokenCount > 0 ? Math.min(batchTokenCount, concurrency) : concurrency;
  const client = createClient({ ...transport, connections });
  const access = await openAccount(client, { ...options, accountId: api.accountId, baseUrl: api.baseUrl });
  return batchTokenCount > 0 ? onBatchLanes(client, access, transport, options) : onOwnLane(client, access);
}

/** Deletes with the account's own credentials, on its own quota. */
function onOwnLane(client: CloudflareClient, access: AccountAccess): Connection {
  const { account, giveUp } = access;
  const credentials: LaneCredentials = { deleter: client, isAfterRefusal: false, isProven: true };
  return {
    access,
    lanes: account,
    credentialsOf: () => credentials,
    refused: () => undefined,
    renewToken: () => undefined,
    onThrottled: access.throttledAmong(account),
    giveUp,
    openLanes() {
      giveUp.start();
      return Promise.resolve(true);
    },
    abortAll: () => client.abortAll(),
    close: access.close,
  };
}

/** Deletes with batch tokens, each on a lane of its own. */
function onBatchLanes(client: CloudflareClient, access: AccountAccess, transport: TransportPart, options: ConnectionOptions): Connection {
  const { halt, pace } = options;
  const { account, giveUp, laneMaker } = access;
  const host = createBatchHost({ ...transport, connections: pace.concurrency });
  const inFlightMax = (): number => Math.ceil(pace.concurrency / Math.max(batchLanes.filter((lane) => !lane.isClosed).length, 1));
  const batchLanes: readonly Lane[] = Array.from({ length: pace.batchTokenCount }, (_, index) =>
    limitInFlight(laneMaker.create(index + 1, pace.rate, 0), inFlightMax),
  );
  const lanes = createLanes(batchLanes, halt.signal);
  const onThrottled = access.throttledAmong(lanes);
  const batch = new BatchLanes({
    deps: options.deps,
    halt: halt.signal,
    reader: client,
    host,
    account,
    lanes: batchLanes,
    counters: options.counters,
    attemptsMax: pace.attemptsMax,
    onToken: (lane, token) => laneMaker.useToken(lane, token),
    onThrottled,
    onLaneStopped: () => access.laneStopped(lanes),
    refusals: access.refusals,
    onNoneLeft: (answer) => halt.fail(noBatchTokenError(answer, options.nextCommand(), options.commandOnOwnQuota())),
    onError: (error) => halt.fail(error),
  });
  access.refusals.hold(batchLanes);
  return {
    access,
    lanes,
    credentialsOf: (lane) => batch.credentialsOf(lane),
    refused: (lane, used, answer, again) => batch.refused(lane, used, answer, again),
    renewToken: (lane) => batch.renewNow(lane),
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
      await Promise.all([host.close(), lanes.close()]);
      await access.close();
    },
  };
}
