import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';

import type { Redact } from '../text/redact.ts';
import type { Sender } from './sender.ts';
import type { BodyLimits, Endpoint } from './endpoints.ts';
import { codeOf, describeError, isProxyRefusal, isTunnelRefusal } from './request-errors.ts';
import type { ApiAnswer, Exchange, NoAnswer } from './types.ts';

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
  readonly exchange: (endpoint: Pick<Endpoint, 'method' | 'body'>, path: string, sender: Sender) => Promise<Exchange>;
  readonly abortAll: () => void;
  readonly close: () => Promise<void>;
}

/** First size of the buffer for a body that comes in several pieces; it doubles when it is full. */
const ROOMY_BYTES_MIN = 64 * 1024;
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
    exchange({ method, body }, path, { headers, redact }) {
      return new Promise((resolve) => {
        const onConnected = (): void => void (wasConnected = true);
        const pending = new PendingExchange(redact, body, onConnected, (exchange) => {
          inFlight.delete(pending);
          resolve(exchange);
        });
        inFlight.add(pending);
        dispatcher.dispatch({ origin: options.origin, method, path, headers }, pending);
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
  const { origin, proxy } = options;
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
  const clientFactory = (proxyOrigin: URL, given: object): Dispatcher =>
    new Pool(proxyOrigin, { ...given, headersTimeout: options.requestTimeoutMs });
  // Empty strings keep undici from reading the environment.
  return new EnvHttpProxyAgent({ ...poolOptions, clientFactory, httpProxy: '', httpsProxy: proxyUrl, noProxy: proxy.noProxy ?? '' });
}

/** One exchange in progress, as undici's handler. */
class PendingExchange implements Dispatcher.DispatchHandler {
  readonly startedMs: number = performance.now();
  readonly #redact: Redact;
  readonly #limits: BodyLimits;
  readonly #onConnected: () => void;
  readonly #settle: (exchange: Exchange) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #isSettled = false;
  #httpStatus = 0;
  #retryAfter: string | undefined;
  #cfRay: string | undefined;
  #ratelimit: string | undefined;
  #ratelimitPolicy: string | undefined;
  #date: string | undefined;
  /** What has been read of the body; `undefined` once it is too long to be kept. */
  #body: Buffer | undefined;
  #readBytes = 0;

  constructor(redact: Redact, limits: BodyLimits, onConnected: () => void, settle: (exchange: Exchange) => void) {
    this.#redact = redact;
    this.#limits = limits;
    this.#onConnected = onConnected;
    this.#settle = settle;
  }

  giveUp(reason: NoAnswer['reason'], code: string, message: string): void {
    if (!this.#finish({ kind: 'no-answer', reason, code, message, durationMs: this.#elapsedMs() })) return;
    this.#controller?.abort(new Error(message));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#onConnected();
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
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#readBytes += chunk.length;
    if (this.#readBytes > this.#limits.readBytesMax) {
      // The status has been read and is valid whatever the length of the body, of which nothing is kept.
      this.#body = undefined;
      this.onResponseEnd();
      return controller.abort(new Error(`a body over ${this.#limits.readBytesMax} bytes`));
    }
    if (this.#readBytes > this.#limits.keptBytesMax) this.#body = undefined;
    else this.#keep(chunk);
  }

  /**
   * Most bodies come in one piece, which is kept as it is. Several pieces are copied into one buffer, because each piece keeps all that
   * was read from the socket with it in memory, and a server may send kilobytes of chunk extensions around each byte.
   */
  #keep(chunk: Buffer): void {
    const heldBytes = this.#readBytes - chunk.length;
    if (this.#body === undefined) {
      this.#body = chunk;
      return;
    }
    if (this.#body.length < this.#readBytes || heldBytes === this.#body.length) {
      const roomyBytes = Math.max(this.#readBytes, heldBytes * 2, ROOMY_BYTES_MIN);
      const roomy = Buffer.allocUnsafe(Math.min(roomyBytes, this.#limits.keptBytesMax));
      this.#body.copy(roomy);
      this.#body = roomy;
    }
    chunk.copy(this.#body, heldBytes);
  }

  onResponseEnd(): void {
    const safe = (text: string | undefined): string | undefined => (text === undefined ? undefined : this.#redact(text));
    const answer: ApiAnswer = {
      kind: 'answer',
      httpStatus: this.#httpStatus,
      body: this.#readBytes === 0 ? '' : this.#body?.toString('utf8', 0, this.#readBytes),
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
      this.#body = Buffer.from('Proxy Authentication Required');
      this.#readBytes = this.#body.length;
      return this.onResponseEnd();
    }
    const reason = isTunnelRefusal(error) ? 'proxy-refused' : this.#httpStatus === 0 ? 'connection' : 'broken-answer';
    const code = codeOf(error) ?? reason;
    this.#finish({ kind: 'no-answer', reason, code, message: this.#redact(describeError(error)), durationMs: this.#elapsedMs() });
  }

  #elapsedMs(): number {
    return Math.round(performance.now() - this.startedMs);
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
