import type { Dispatcher } from 'undici';

import type { Redact } from '../text/redact.ts';
import type { Sender } from './sender.ts';
import { BodyReader } from './body-reader.ts';
import type { Endpoint } from './endpoints.ts';
import { httpClient } from './http-client.ts';
import { codeOf, describeError, isProxyRefusal, isTunnelRefusal } from './request-errors.ts';
import type { ApiAnswer, BodySink, Exchange, NoAnswer, UploadBody } from './types.ts';

export interface TransportOptions {
  readonly origin: string;
  readonly connections: number;
  /** One exchange, from connecting to the last byte. */
  readonly requestTimeoutMs: number;
  readonly proxy: { readonly httpProxy: string | undefined; readonly httpsProxy: string | undefined; readonly noProxy: string | undefined };
}

/** Exchanges over HTTP/1.1 with keep-alive: one request, one answer, no retries, no redirects. */
export interface Transport {
  /** @param sender - holds the credentials, which are used only for this request */
  readonly exchange: (endpoint: Pick<Endpoint, 'method' | 'body'>, path: string, sender: Sender, streams?: Streams) => Promise<Exchange>;
  readonly abortAll: () => void;
  readonly close: () => Promise<void>;
}

/** Bodies that are not held in memory. */
export interface Streams {
  /** Takes the body of a 200; that of any other answer is kept as always. */
  readonly sink?: BodySink;
  /** What is sent. */
  readonly upload?: UploadBody;
}

/** An image may be large and the line slow: each part of it of this size has the whole timeout. */
const PROGRESS_BYTES = 1024 * 1024;
/** How often timeouts are checked; a request may exceed its timeout by this much. */
const SWEEP_MS_MAX = 100;
const SWEEP_MS_MIN = 5;

/** One timer serves all requests: they have the same timeout, so the oldest expires first. */
export function createTransport(options: TransportOptions): Transport {
  const dispatcher = createDispatcher(options);
  const inFlight = new Set<PendingExchange>();
  let wasConnected = false;
  const sweepMs = Math.min(Math.max(options.requestTimeoutMs / 10, SWEEP_MS_MIN), SWEEP_MS_MAX);
  const sweeper = setInterval(() => {
    const expiredBeforeMs = performance.now() - options.requestTimeoutMs;
    for (const pending of inFlight) {
      if (pending.startedMs > expiredBeforeMs) break;
      // Where none was ever to be had, it is not known whether there is anyone to answer.
      if (wasConnected) pending.giveUp('timeout', 'timeout', `no whole answer within ${options.requestTimeoutMs} ms`);
      else pending.giveUp('connection', 'timeout', `no connection within ${options.requestTimeoutMs} ms`);
    }
  }, sweepMs);
  sweeper.unref();

  return {
    exchange({ method, body }, path, { headers, redact }, { sink, upload } = {}) {
      return new Promise((resolve) => {
        const onConnected = (): void => void (wasConnected = true);
        // The oldest stands first.
        const onProgress = (): void => {
          if (!inFlight.delete(pending)) return;
          pending.startedMs = performance.now();
          inFlight.add(pending);
        };
        const pending = new PendingExchange(redact, new BodyReader(body, sink), { onConnected, onProgress }, (exchange) => {
          inFlight.delete(pending);
          uploaded?.destroy();
          resolve(exchange);
        });
        inFlight.add(pending);
        const uploaded = upload?.open(eachMiB(onProgress));
        const sent = uploaded === undefined ? { headers } : { headers: { ...headers, ...upload?.headers }, body: uploaded };
        dispatcher.dispatch({ origin: options.origin, method, path, ...sent }, pending);
      });
    },
    abortAll() {
      for (const pending of inFlight) pending.giveUp('aborted', 'aborted', 'given up when the run ended');
    },
    async close() {
      clearInterval(sweeper);
      await dispatcher.destroy();
    },
  };
}

function createDispatcher(options: TransportOptions): Dispatcher {
  const { origin, proxy, requestTimeoutMs: headersTimeout } = options;
  const { EnvHttpProxyAgent, Pool } = httpClient;
  const poolOptions = {
    connections: options.connections,
    pipelining: 1,
    // One lost HTTP/2 connection would leave everything in flight unknown, and after GOAWAY undici sends requests again by itself.
    allowH2: false,
    // The sweeper is exact and covers the whole exchange; undici's own timers fire up to a second late.
    headersTimeout: 0,
    bodyTimeout: 0,
    // Not `connect: { timeout }`, which undici ignores behind a proxy.
    connectTimeout: options.requestTimeoutMs,
  };
  // Plain http is used only on this machine. A proxy would see its requests with the token, and could forge its answers.
  const proxyUrl = origin.startsWith('https:') ? (proxy.httpsProxy ?? proxy.httpProxy) : undefined;
  if (proxyUrl === undefined) return new Pool(origin, poolOptions);
  // A CONNECT that is never answered would block its connection for five minutes, and a few of them the whole pool.
  const clientFactory = (proxyOrigin: URL, given: object): Dispatcher => new Pool(proxyOrigin, { ...given, headersTimeout });
  // Empty strings keep undici from reading the environment.
  return new EnvHttpProxyAgent({ ...poolOptions, clientFactory, httpProxy: '', httpsProxy: proxyUrl, noProxy: proxy.noProxy ?? '' });
}

/** Calls back each time that so many bytes more have passed. */
function eachMiB(onProgress: () => void): (bytes: number) => void {
  let passedBytes = 0;
  return (bytes) => {
    passedBytes += bytes;
    if (passedBytes < PROGRESS_BYTES) return;
    passedBytes = 0;
    onProgress();
  };
}

interface PendingEvents {
  readonly onConnected: () => void;
  /** Another part of a streamed body has come. */
  readonly onProgress: () => void;
}

/** One exchange in progress, as undici's handler. */
class PendingExchange implements Dispatcher.DispatchHandler {
  /** Of the last progress, where a body is streamed. */
  startedMs: number = performance.now();
  readonly #beganMs: number = this.startedMs;
  readonly #redact: Redact;
  readonly #body: BodyReader;
  readonly #events: PendingEvents;
  readonly #onStreamed: (bytes: number) => void;
  readonly #settle: (exchange: Exchange) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #isSettled = false;
  #httpStatus = 0;
  #retryAfter: string | undefined;
  #cfRay: string | undefined;
  #ratelimit: string | undefined;
  #ratelimitPolicy: string | undefined;
  #date: string | undefined;

  constructor(redact: Redact, body: BodyReader, events: PendingEvents, settle: (exchange: Exchange) => void) {
    this.#redact = redact;
    this.#body = body;
    this.#events = events;
    this.#onStreamed = eachMiB(events.onProgress);
    this.#settle = settle;
  }

  giveUp(reason: NoAnswer['reason'], code: string, message: string): void {
    if (!this.#finish({ kind: 'no-answer', reason, code, message, durationMs: this.#elapsedMs() })) return;
    this.#controller?.abort(new Error(message));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#events.onConnected();
    // It was given up while it waited for a connection, so it must not be sent.
    if (this.#isSettled) controller.abort(new Error('given up before it was sent'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // A 1xx is not the answer; that follows.
    if (statusCode < 200) return;
    this.#httpStatus = statusCode;
    this.#retryAfter = joined(headers['retry-after']);
    this.#cfRay = firstOf(headers['cf-ray']);
    this.#ratelimit = joined(headers['ratelimit']);
    this.#ratelimitPolicy = joined(headers['ratelimit-policy']);
    this.#date = firstOf(headers['date']);
    this.#body.begin(statusCode, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // It was given up: the sink does not expect more of the body.
    if (this.#isSettled) return;
    const more = this.#body.take(chunk);
    if (more === 'enough') {
      // The status has been read and is valid whatever the length of the body, of which nothing is kept.
      this.onResponseEnd();
      return controller.abort(new Error('a body that is not read to its end'));
    }
    if (this.#body.isStreamed) this.#onStreamed(chunk.length);
    if (more === 'more') return;
    controller.pause();
    more.then(
      () => controller.resume(),
      (error: unknown) => this.giveUp('broken-answer', 'not-kept', `what came could not be kept: ${String(error)}`),
    );
  }

  onResponseEnd(): void {
    const safe = (text: string | undefined): string | undefined => (text === undefined ? undefined : this.#redact(text));
    const answer: ApiAnswer = {
      kind: 'answer',
      httpStatus: this.#httpStatus,
      body: this.#body.text(),
      bodyFacts: this.#body.facts(),
      retryAfter: this.#retryAfter,
      cfRay: this.#cfRay,
      ratelimit: safe(this.#ratelimit),
      ratelimitPolicy: safe(this.#ratelimitPolicy),
      date: this.#date,
      redact: this.#redact,
      durationMs: this.#elapsedMs(),
    };
    this.#finish(answer);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (isProxyRefusal(error)) {
      this.#httpStatus = 407;
      this.#body.replaceBy('Proxy Authentication Required');
      return this.onResponseEnd();
    }
    const reason = isTunnelRefusal(error) ? 'proxy-refused' : this.#httpStatus === 0 ? 'connection' : 'broken-answer';
    const code = codeOf(error) ?? reason;
    this.#finish({ kind: 'no-answer', reason, code, message: this.#redact(describeError(error)), durationMs: this.#elapsedMs() });
  }

  #elapsedMs(): number {
    return Math.round(performance.now() - this.#beganMs);
  }

  #finish(exchange: Exchange): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    this.#settle(exchange);
    return true;
  }
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** A list may be spread over several headers. */
function joined(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
