import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { refuseAccess } from './access.ts';
import { failure, htmlPage, noSuchRoute, type SimulatedAnswer, throttled } from './answers.ts';
import { drawFault, type FaultName } from './faults.ts';
import { createImageStore } from './images.ts';
import { type SimulatedFaults, type SimulatorOptions, SIMULATOR_DEFAULTS } from './options.ts';
import { createQuota, type QuotaCounter, UNLIMITED } from './quota.ts';
import { seededRandom } from './random.ts';
import { createRecorder, type Recorder, type SimulatorRecord } from './record.ts';
import { type RouteContext, type Routed, routeAccount, routeBatch } from './routes.ts';

export type OutageKind = '503' | 'reset' | 'hang';

/** What a script says about a request; `undefined` leaves it to the simulator. */
export type Verdict = SimulatedAnswer | FaultName | undefined;

/** Decides about a request when it has come in; one that promises its verdict keeps the request waiting until then. */
export type Override = (request: {
  readonly method: string;
  readonly rawUrl: string;
  readonly id: string | undefined;
  readonly lane: string;
  readonly seq: number;
}) => Verdict | Promise<Verdict>;

export interface Simulator {
  /** API root, for `--base-url`. */
  readonly url: string;
  /** Batch host root. */
  readonly batchUrl: string;
  readonly options: SimulatorOptions;
  readonly record: SimulatorRecord;
  setFaults(faults: Partial<SimulatedFaults>): void;
  /** From now on no request of the account is answered well, until it is ended. */
  beginOutage(kind: OutageKind): void;
  endOutage(): void;
  revokeToken(): void;
  /** Every batch token given out, oldest first; one given out again is there again. */
  readonly batchTokens: readonly string[];
  /** From now on the batch host refuses it. */
  revokeBatchToken(token: string): void;
  /** Lets a script decide; replaces the one before. */
  override(script: Override | undefined): void;
  /** Resolves when so many requests have come in, all in all. */
  whenRequests(count: number): Promise<void>;
  /** Resolves when no client is connected and no request is being worked on: what a killed client sent is on record. */
  whenQuiet(): Promise<void>;
  close(): Promise<void>;
}

const API_PATH = '/client/v4/';
const BATCH_PATH = '/batch/';
/** IDs of 1,024 characters may be 12 kB when percent-encoded. */
const HEADER_BYTES_MAX = 64 * 1024;
const DRIP_BYTES = 16;
const DRIP_MS = 5;

/** Starts a server that answers like the API, on loopback. */
export async function startSimulator(given: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const options: SimulatorOptions = { ...SIMULATOR_DEFAULTS, ...given };
  const state = new SimulatorState(options);
  const server = createServer(
    { maxHeaderSize: HEADER_BYTES_MAX, keepAliveTimeout: 60_000 },
    (request, response) => void state.serve(request, response),
  );
  server.on('connection', (socket) => state.connected(socket));
  const port = await listen(server, options);
  const origin = `http://${options.host}:${port}`;
  return {
    url: origin + API_PATH.slice(0, -1),
    batchUrl: origin + BATCH_PATH.slice(0, -1),
    options,
    record: state.record,
    setFaults: (faults) => void (state.faults = { ...state.faults, ...faults }),
    beginOutage: (kind) => void (state.outage = kind),
    endOutage: () => void (state.outage = undefined),
    revokeToken: () => void (state.isTokenRevoked = true),
    batchTokens: state.givenBatchTokens,
    revokeBatchToken: (token) => state.revokeBatchToken(token),
    override: (script) => void (state.override = script),
    whenRequests: (count) => state.whenRequests(count),
    whenQuiet: () => state.whenQuiet(),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      state.record.close();
    },
  };
}

class SimulatorState {
  readonly record: Recorder;
  faults: SimulatedFaults;
  outage: OutageKind | undefined;
  override: Override | undefined;
  isTokenRevoked = false;
  readonly givenBatchTokens: string[] = [];
  readonly #options: SimulatorOptions;
  readonly #context: RouteContext;
  readonly #random: () => number;
  readonly #quota: QuotaCounter;
  readonly #batchTokens = new Map<string, { readonly expiresAtMs: number; readonly quota: QuotaCounter }>();
  /** Of the last request that came in; where scripts keep some waiting, the record has others before them. */
  #seq = 0;
  /** Connections that are open, and requests being worked on. */
  #busyCount = 0;
  readonly #quietWatchers: (() => void)[] = [];
  readonly #watchers = new Set<{ readonly count: number; readonly resolve: () => void }>();

  constructor(options: SimulatorOptions) {
    this.#options = options;
    this.faults = options.faults;
    this.record = createRecorder(options.logLengthMax, options.recordPath);
    this.#random = seededRandom(options.seed);
    this.#quota = options.quota === undefined ? UNLIMITED : createQuota(options.quota);
    this.#context = { options, images: createImageStore(options.images), issueBatchToken: () => this.#issueBatchToken() };
  }

  whenRequests(count: number): Promise<void> {
    if (this.record.requestCount >= count) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.add({ count, resolve }));
  }

  connected(socket: Socket): void {
    this.#began();
    socket.once('close', () => this.#ended());
  }

  whenQuiet(): Promise<void> {
    if (this.#busyCount === 0) return Promise.resolve();
    return new Promise((resolve) => this.#quietWatchers.push(resolve));
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#began();
    try {
      await this.#serve(request, response);
    } finally {
      this.#ended();
    }
  }

  #began(): void {
    this.#busyCount++;
  }

  #ended(): void {
    if (--this.#busyCount > 0) return;
    for (const resolve of this.#quietWatchers.splice(0)) resolve();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    const atMs = performance.now();
    const rawUrl = request.url ?? '';
    const method = request.method ?? '';
    const lane = laneOf(request);
    const routed = this.#route(method, rawUrl, request);
    const left = lane === 'account' && this.#quota !== UNLIMITED ? Math.max(this.#quota.left, 0) : undefined;
    if (routed.isSiblingHit) this.record.siblingHit(rawUrl);
    const script = await this.override?.({ method, rawUrl, id: routed.id, lane, seq: ++this.#seq });
    const fault = typeof script === 'string' ? script : script === undefined ? this.#faultFor(method, routed) : undefined;
    const answer =
      typeof script === 'object' ? script : this.outage === '503' ? htmlPage(503, '503 Service Temporarily Unavailable') : routed.answer;
    if (this.#options.latencyMs > 0) await sleep(this.#options.latencyMs);
    this.#finish(request, response, { method, rawUrl, lane, atMs, left, routed, answer, fault });
  }

  #finish(
    request: IncomingMessage,
    response: ServerResponse,
    what: {
      method: string;
      rawUrl: string;
      lane: string;
      atMs: number;
      left: number | undefined;
      routed: Routed;
      answer: SimulatedAnswer;
      fault: FaultName | undefined;
    },
  ): void {
    const { method, rawUrl, lane, atMs, left, routed, fault } = what;
    const isWorkDone = fault === undefined || ['resetAfter', 'lostAnswer', 'truncatedAnswer', 'hangAfter', 'slowDrip'].includes(fault);
    const didDelete = isWorkDone && what.answer === routed.answer && routed.work?.() === true;
    const answer =
      fault === 'status500'
        ? failure(500, 5500, 'Internal server error')
        : fault === 'html502'
          ? htmlPage(502, '502 Bad Gateway')
          : fault === 'throttle429'
            ? throttled(1)
            : what.answer;
    const isAnswered = fault === undefined || ['status500', 'html502', 'throttle429', 'slowDrip'].includes(fault);
    this.record.add({ method, rawUrl, id: routed.id, lane, atMs, left, status: isAnswered ? answer.status : undefined, didDelete });
    for (const watcher of this.#watchers) {
      if (this.record.requestCount < watcher.count) continue;
      this.#watchers.delete(watcher);
      watcher.resolve();
    }
    void this.#send(request, response, answer, fault);
  }

  async #send(request: IncomingMessage, response: ServerResponse, answer: SimulatedAnswer, fault: FaultName | undefined): Promise<void> {
    const headers = {
      ...answer.headers,
      'content-length': String(Buffer.byteLength(answer.body)),
      ...this.#ratelimitHeaders(),
      'cf-ray': `${this.record.requestCount.toString(16).padStart(16, '0')}-SIM`,
    };
    switch (fault) {
      case 'resetBefore':
      case 'resetAfter':
        request.socket.resetAndDestroy();
        return;
      case 'lostAnswer':
        request.socket.destroy();
        return;
      case 'truncatedAnswer':
        response.writeHead(answer.status, headers);
        response.write(answer.body.slice(0, Math.floor(answer.body.length / 2)), () => request.socket.destroy());
        return;
      case 'hang':
      case 'hangAfter':
        return;
      case 'slowDrip': {
        response.writeHead(answer.status, headers);
        for (let start = 0; start < answer.body.length; start += DRIP_BYTES) {
          response.write(answer.body.slice(start, start + DRIP_BYTES));
          await sleep(DRIP_MS);
        }
        response.end();
        return;
      }
      case 'status500':
      case 'html502':
      case 'throttle429':
      case undefined:
        response.writeHead(answer.status, headers).end(answer.body);
    }
  }

  #route(method: string, rawUrl: string, request: IncomingMessage): Routed {
    const [path = '', search = ''] = rawUrl.split('?', 2);
    const query = new URLSearchParams(search);
    const only = (answer: SimulatedAnswer): Routed => ({ answer, id: undefined, work: undefined, isSiblingHit: false });
    if (path.startsWith(BATCH_PATH)) return this.#routeBatch(method, path.slice(BATCH_PATH.length), query, request, only);
    if (!path.startsWith(API_PATH)) return only(htmlPage(404, 'Not Found'));
    const routed = this.#routeApi(method, path.slice(API_PATH.length), query, request, only);
    const waitMs = this.#quota.take(performance.now());
    return waitMs > 0 ? { ...routed, answer: throttled(Math.ceil(waitMs / 1000)), work: undefined } : routed;
  }

  #routeApi(
    method: string,
    path: string,
    query: URLSearchParams,
    request: IncomingMessage,
    only: (answer: SimulatedAnswer) => Routed,
  ): Routed {
    if (this.#options.tokenRevokedAfter !== undefined && this.record.requestCount >= this.#options.tokenRevokedAfter)
      this.isTokenRevoked = true;
    const refusal = refuseAccess(request.headers, this.#options, this.isTokenRevoked);
    const [, account, rest = ''] = /^accounts\/([^/]*)\/(.*)$/.exec(path) ?? [];
    if (refusal !== undefined) return { ...only(refusal), id: imageIdOf(rest) };
    if (path === 'user/tokens/verify') return only(failure(401, 1000, 'Invalid API Token'));
    if (account === undefined) return only(noSuchRoute());
    if (account !== this.#options.accountId)
      return {
        ...only(failure(404, 7003, 'Could not route to /accounts, perhaps your object identifier is invalid?')),
        id: imageIdOf(rest),
      };
    return routeAccount(method, rest, query, this.#context);
  }

  #routeBatch(
    method: string,
    path: string,
    query: URLSearchParams,
    request: IncomingMessage,
    only: (answer: SimulatedAnswer) => Routed,
  ): Routed {
    const token = this.#batchTokens.get(request.headers.authorization?.slice('Bearer '.length) ?? '');
    if (token === undefined || token.expiresAtMs <= Date.now()) return only(failure(403, 10000, 'Authentication error'));
    const waitMs = token.quota.take(performance.now());
    return waitMs > 0 ? only(throttled(Math.ceil(waitMs / 1000))) : routeBatch(method, path, query, this.#context);
  }

  #issueBatchToken(): { token: string; expiresAt: string } {
    const { batchTokenRate, batchTokenLifetimeMs } = this.#options;
    const last = this.givenBatchTokens.at(-1);
    const token = last !== undefined && this.#batchTokens.size >= this.#options.batchTokenCountMax ? last : `batch-${randomUUID()}`;
    this.givenBatchTokens.push(token);
    const known = this.#batchTokens.get(token);
    if (known !== undefined) return { token, expiresAt: expiryText(known.expiresAtMs) };
    const expiresAtMs = Date.now() + batchTokenLifetimeMs;
    const quota = createQuota({
      kind: 'bucket',
      requests: batchTokenRate,
      windowMs: 1_000,
      blockMs: 0,
      burst: Math.max(batchTokenRate / 10, 20),
    });
    this.#batchTokens.set(token, { expiresAtMs, quota });
    return { token, expiresAt: expiryText(expiresAtMs) };
  }

  revokeBatchToken(token: string): void {
    const known = this.#batchTokens.get(token);
    if (known !== undefined) this.#batchTokens.set(token, { ...known, expiresAtMs: -Infinity });
  }

  #faultFor(method: string, routed: Routed): FaultName | undefined {
    if (this.outage === '503') return undefined;
    if (this.outage === 'reset') return 'resetBefore';
    if (this.outage === 'hang') return 'hang';
    return method === 'DELETE' && routed.id !== undefined ? drawFault(this.faults, this.#random) : undefined;
  }

  #ratelimitHeaders(): Record<string, string> {
    const { quota, sendsRatelimitHeaders } = this.#options;
    if (!sendsRatelimitHeaders || quota === undefined) return {};
    const windowSeconds = Math.ceil(quota.windowMs / 1000);
    return {
      ratelimit: `"default";r=${Math.max(this.#quota.left, 0)};t=${windowSeconds}`,
      'ratelimit-policy': `"default";q=${quota.requests};w=${windowSeconds}`,
    };
  }
}

/** With nanoseconds, as the API writes it. */
function expiryText(expiresAtMs: number): string {
  return Number.isFinite(expiresAtMs) ? new Date(expiresAtMs).toISOString().replace('Z', '000000Z') : new Date(0).toISOString();
}

/** Whose quota a request is counted on: the batch token's, or the account's. */
function laneOf({ headers: { authorization } }: IncomingMessage): string {
  return authorization?.startsWith('Bearer batch-') === true ? authorization.slice('Bearer '.length) : 'account';
}

/** Whose turn a refused request was, for the record. */
function imageIdOf(path: string): string | undefined {
  const match = /^images\/v1\/([^/]+)$/.exec(path);
  try {
    return match?.[1] === undefined ? undefined : decodeURIComponent(match[1]);
  } catch {
    return undefined; // Malformed percent-encoding names no image.
  }
}

function listen(server: Server, { port, host }: SimulatorOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
}
