import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { refuseAccess } from './access.ts';
import { type BatchTokens, bearerOf, createBatchTokens, laneOf } from './batch-tokens.ts';
import {
  answerOfFault,
  createStrayRefusals,
  drawFault,
  type FaultName,
  isAnsweredDespite,
  isWorkDoneDespite,
  type StrayRefusals,
} from './faults.ts';
import { createImageList, type ImageList } from './images/image-list.ts';
import { readUpload, type UploadForm } from './images/upload.ts';
import { createImageStore } from './images/image-store.ts';
import { createQuota, type QuotaCounter, UNLIMITED } from './quota.ts';
import { seededRandom } from './random.ts';
import { plain, type RouteContext, type Routed, routeAccount, routeBatch, verifyAnswer } from './routes.ts';
import type { Override } from './script.ts';
import { sendAnswer } from './answers/send-answer.ts';
import { failure, htmlPage, noSuchRoute, notAuthenticated, type SimulatedAnswer, throttled } from './simulated-answers.ts';
import type { SimulatedFaults, SimulatorOptions } from './simulator-options.ts';
import { createRecorder, type Recorder } from './simulator-record.ts';

export type OutageKind = '503' | 'reset' | 'hang';

export const API_PATH = '/client/v4/';
export const BATCH_PATH = '/batch/';

/** What a request asks for, besides its path. */
interface Asked {
  readonly method: string;
  /** Of a POST. */
  readonly upload: UploadForm | undefined;
}

/** A request as it came in, and what was decided about it so far. */
interface Decided {
  readonly method: string;
  readonly rawUrl: string;
  readonly lane: string;
  readonly atMs: number;
  /** What was left of the account's quota after it; `undefined` where it counts on no such quota. */
  readonly left: number | undefined;
  readonly routed: Routed;
  readonly answer: SimulatedAnswer;
  /** The refusal that the request was to meet by mistake. */
  readonly stray: SimulatedAnswer | undefined;
  readonly fault: FaultName | undefined;
}

/** The simulated account: answers requests, with whatever a test has told it to do to them. */
export class SimulatedApi {
  readonly record: Recorder;
  readonly batchTokens: BatchTokens;
  readonly list: ImageList;
  faults: SimulatedFaults;
  outage: OutageKind | undefined;
  override: Override | undefined;
  isTokenRevoked = false;
  readonly #options: SimulatorOptions;
  readonly #context: RouteContext;
  readonly #random: () => number;
  readonly #quota: QuotaCounter;
  readonly #strays: StrayRefusals;
  /** Of the last request that came in. */
  #seq = 0;

  constructor(options: SimulatorOptions) {
    this.#options = options;
    this.faults = options.faults;
    this.record = createRecorder(options.logLengthMax, options.recordPath);
    this.batchTokens = createBatchTokens(options);
    this.#random = seededRandom(options.seed);
    this.#quota = options.quota === undefined ? UNLIMITED : createQuota(options.quota);
    this.#strays = createStrayRefusals(options.strayRefusalEach);
    const images = createImageStore(options.images);
    this.list = createImageList(images, options);
    this.#context = { options, images, list: this.list, issueBatchToken: () => this.batchTokens.issue() };
  }

  /** Resolves when the request is on record; its answer may still be on its way. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const atMs = performance.now();
    const rawUrl = request.url ?? '';
    const method = request.method ?? '';
    const lane = laneOf(request.headers.authorization);
    const upload = method === 'POST' ? await readUpload(request) : undefined;
    request.resume();
    const routed = this.#route({ method, upload }, rawUrl, request);
    const left = lane === 'account' && this.#quota !== UNLIMITED ? Math.max(this.#quota.left, 0) : undefined;
    const stray = method === 'DELETE' && routed.id !== undefined ? this.#strays.next() : undefined;
    if (routed.isSiblingHit) this.record.siblingHit(rawUrl);
    const script = await this.override?.({ method, rawUrl, id: routed.id, lane, seq: ++this.#seq });
    const fault = typeof script === 'string' ? script : script === undefined ? this.#faultFor(method, routed) : undefined;
    const outage = this.outage === '503' ? htmlPage(503, '503 Service Temporarily Unavailable') : undefined;
    const answer = typeof script === 'object' ? script : (outage ?? stray ?? routed.answer);
    if (this.#options.latencyMs > 0) await sleep(this.#options.latencyMs);
    this.#finish(request, response, { method, rawUrl, lane, atMs, left, routed, answer, stray, fault });
  }

  #finish(request: IncomingMessage, response: ServerResponse, decided: Decided): void {
    const { method, rawUrl, lane, atMs, left, routed, fault } = decided;
    const didWork = isWorkDoneDespite(fault) && decided.answer === routed.answer && routed.work?.() === true;
    const didDelete = didWork && method === 'DELETE';
    const { accept } = request.headers;
    const answer = answerOfFault(fault, { edge: this.#options.edge, random: this.#random, accept }) ?? decided.answer;
    const status = isAnsweredDespite(fault) ? answer.status : undefined;
    const isStray = answer === decided.stray ? { isStray: true } : {};
    this.record.add({ method, rawUrl, id: routed.id, lane, atMs, left, status, ...isStray, didDelete });
    const headers = {
      ...answer.headers,
      'content-length': String(Buffer.byteLength(answer.body)),
      ...this.#ratelimitHeaders(),
      'cf-ray': `${this.record.requestCount.toString(16).padStart(16, '0')}-SIM`,
    };
    void sendAnswer(request.socket, response, { ...answer, headers }, fault);
  }

  #route(asked: Asked, rawUrl: string, request: IncomingMessage): Routed {
    const [path = '', search = ''] = rawUrl.split('?', 2);
    const query = new URLSearchParams(search);
    if (path.startsWith(BATCH_PATH)) return this.#routeBatch(asked.method, path.slice(BATCH_PATH.length), query, request);
    if (!path.startsWith(API_PATH)) return plain(htmlPage(404, 'Not Found'));
    const routed = this.#routeApi(asked, path.slice(API_PATH.length), query, request);
    const waitMs = this.#quota.take(performance.now());
    return waitMs > 0 ? { ...routed, answer: throttled(Math.ceil(waitMs / 1000)), work: undefined } : routed;
  }

  #routeApi(asked: Asked, path: string, query: URLSearchParams, request: IncomingMessage): Routed {
    if (this.#options.tokenRevokedAfter !== undefined && this.record.requestCount >= this.#options.tokenRevokedAfter)
      this.isTokenRevoked = true;
    const refusal = refuseAccess(request.headers, this.#options, this.isTokenRevoked);
    const [, account, rest = ''] = /^accounts\/([^/]*)\/(.*)$/.exec(path) ?? [];
    if (refusal !== undefined) return { ...plain(refusal), id: imageIdOf(rest) };
    if (path === 'user/tokens/verify' && asked.method === 'GET') return plain(verifyAnswer('user', this.#options));
    if (account === undefined) return plain(noSuchRoute());
    if (account !== this.#options.accountId)
      return {
        ...plain(failure(404, 7003, 'Could not route to /accounts, perhaps your object identifier is invalid?')),
        id: imageIdOf(rest),
      };
    return routeAccount(asked, rest, query, this.#context);
  }

  #routeBatch(method: string, path: string, query: URLSearchParams, request: IncomingMessage): Routed {
    const quota = this.batchTokens.quotaOf(bearerOf(request.headers.authorization) ?? '');
    if (quota === undefined) return plain(notAuthenticated());
    const waitMs = quota.take(performance.now());
    return waitMs > 0 ? plain(throttled(Math.ceil(waitMs / 1000))) : routeBatch(method, path, query, this.#context);
  }

  #faultFor(method: string, routed: Routed): FaultName | undefined {
    if (this.outage === '503') return undefined;
    if (this.outage === 'reset') return 'resetBefore';
    if (this.outage === 'hang') return 'hang';
    const mayFail = (method === 'DELETE' && routed.id !== undefined) || routed.isOriginal === true;
    return mayFail ? drawFault(this.faults, this.#random) : undefined;
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

/** The ID that a refused request was for, for the record. */
function imageIdOf(path: string): string | undefined {
  const match = /^images\/v1\/([^/]+)$/.exec(path);
  try {
    return match?.[1] === undefined ? undefined : decodeURIComponent(match[1]);
  } catch {
    return undefined; // Malformed percent-encoding names no image.
  }
}
