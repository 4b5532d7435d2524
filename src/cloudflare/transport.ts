import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';

import type { Redact } from '../text/redact.ts';
import type { Sender } from './sender.ts';
import type { BodyLimits, Endpoint } from './endpoints.ts';
import type { ApiAnswer, Exchange, NoAnswer } from './types.ts';

export interface TransportOptions {
  readonly origin: string;
  readonly connections: number;
  /** One exchange, from connecting to the last byte. */
  readonly requestTimeoutMs: number;
  readonly proxy: { readonly httpProxy: string | undefined; readonly httpsProxy: string | undefined; readonly noProxy: string | undefined };
}

/** Exchanges over HTTP/1.1 with keep-alive: one request, one answer, nothing repeated, nothing followed. */
export interface Transport {
  /** @param sender - holds the credentials: they go nowhere but into this request */
  readonly exchange: (endpoint: Pick<Endpoint, 'method' | 'body'>, path: string, sender: Sender) => Promise<Exchange>;
  readonly abortAll: () => void;
  readonly close: () => Promise<void>;
}

/** Where a body comes in pieces, its buffer begins with so much and doubles. */
const ROOMY_BYTES_MIN = 64 * 1024;
/** How often timeouts are looked at; a request may overrun its timeout by so much. */
const SWEEP_MS_MAX = 100;
const SWEEP_MS_MIN = 5;

/** One timer for all: each request has the same timeout, so the oldest is the first to run out. */
export function createTransport(options: TransportOptions): Transport {
  const dispatcher = createDispatcher(options);
  const inFlight = new Set<PendingExchange>();
  const sweepMs = Math.min(Math.max(options.requestTimeoutMs / 10, SWEEP_MS_MIN), SWEEP_MS_MAX);
  const sweeper = setInterval(() => {
    const expiredBeforeMs = performance.now() - options.requestTimeoutMs;
    for (const pending of inFlight) {
      if (pending.startedMs > expiredBeforeMs) break;
      pending.giveUp('timeout', `no whole answer within ${options.requestTimeoutMs} ms`);
    }
  }, sweepMs);
  sweeper.unref();

  return {
    exchange({ method, body }, path, { headers, redact }) {
      return new Promise((resolve) => {
        const pending = new PendingExchange(redact, body, (exchange) => {
          inFlight.delete(pending);
          resolve(exchange);
        });
        inFlight.add(pending);
        dispatcher.dispatch({ origin: options.origin, method, path, headers }, pending);
      });
    },
    abortAll() {
      for (const pending of inFlight) pending.giveUp('aborted', 'given up when the run ended');
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
    // One lost HTTP/2 connection would leave everything in flight unknown, and GOAWAY makes undici send again unseen.
    allowH2: false,
    // The sweeper is exact and covers the whole exchange; undici's own timers fire up to a second late.
    headersTimeout: 0,
    bodyTimeout: 0,
    // Not `connect: { timeout }`, which undici ignores where a proxy stands in between.
    connectTimeout: options.requestTimeoutMs,
  };
  // Plain http stays on this machine. A proxy would be handed its requests, token and all, and its answers would be believed.
  const proxyUrl = origin.startsWith('https:') ? (proxy.httpsProxy ?? proxy.httpProxy) : undefined;
  if (proxyUrl === undefined) return new Pool(origin, poolOptions);
  // A CONNECT that is never answered would hold its connection for five minutes, and the whole pool after a few of them.
  const clientFactory = (proxyOrigin: URL, given: object): Dispatcher =>
    new Pool(proxyOrigin, { ...given, headersTimeout: options.requestTimeoutMs });
  // Empty strings keep undici from looking into the environment on its own.
  return new EnvHttpProxyAgent({ ...poolOptions, clientFactory, httpProxy: '', httpsProxy: proxyUrl, noProxy: proxy.noProxy ?? '' });
}

/** One exchange under way, as undici's handler. */
class PendingExchange implements Dispatcher.DispatchHandler {
  readonly startedMs: number = performance.now();
  readonly #redact: Redact;
  readonly #limits: BodyLimits;
  readonly #settle: (exchange: Exchange) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #isSettled = false;
  #httpStatus = 0;
  #retryAfter: string | undefined;
  #cfRay: string | undefined;
  #ratelimit: string | undefined;
  #ratelimitPolicy: string | undefined;
  #date: string | undefined;
  /** What has been read of the body, as long as it is kept. */
  #body: Buffer | undefined;
  #readBytes = 0;

  constructor(redact: Redact, limits: BodyLimits, settle: (exchange: Exchange) => void) {
    this.#redact = redact;
    this.#limits = limits;
    this.#settle = settle;
  }

  giveUp(reason: NoAnswer['reason'], message: string): void {
    if (!this.#finish({ kind: 'no-answer', reason, message, durationMs: this.#elapsedMs() })) return;
    this.#controller?.abort(new Error(message));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It was given up while it waited for a connection: it must not be sent any more.
    if (this.#isSettled) controller.abort(new Error('given up before it was sent'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // 1xx are no answers; the real one follows.
    if (statusCode < 200) return;
    this.#httpStatus = statusCode;
    this.#retryAfter = firstOf(headers['retry-after']);
    this.#cfRay = firstOf(headers['cf-ray']);
    this.#ratelimit = joined(headers['ratelimit']);
    this.#ratelimitPolicy = joined(headers['ratelimit-policy']);
    this.#date = firstOf(headers['date']);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#readBytes += chunk.length;
    if (this.#readBytes > this.#limits.readBytesMax) {
      // Its status has been read, and says what it says under a shorter page too.
      this.onResponseEnd();
      return controller.abort(new Error(`a body over ${this.#limits.readBytesMax} bytes`));
    }
    if (this.#readBytes > this.#limits.keptBytesMax) this.#body = undefined;
    else this.#keep(chunk);
  }

  /**
   * Most bodies come in one piece, which is kept as it is. Several are copied into one buffer: a piece holds on to all that was
   * read from the socket with it, and a server may send kilobytes of chunk extensions around each byte.
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
    this.#finish({ kind: 'no-answer', reason, message: this.#redact(describeError(error)), durationMs: this.#elapsedMs() });
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

/**
 * A proxy that asks for credentials: undici makes an error of its 407, with no field for the status. As an answer it
 * stops the run; as a lost connection it would be tried again until the run gives up.
 */
function isProxyRefusal(error: Error): boolean {
  return error.message.startsWith('Proxy response (407)');
}

/** A proxy that will not let us through, and would not the next time: what it may answer later otherwise is no refusal. */
function isTunnelRefusal(error: Error): boolean {
  return /^Proxy response \(4(?!08|29)\d\d\)/.test(error.message);
}

/** Cause and code, for people; of several addresses tried, each. */
function describeError(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.map((inner: unknown) => (inner instanceof Error ? describeError(inner) : String(inner))).join('; ');
  return error.message.startsWith(code) ? error.message : `${code}${error.message}`;
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** A list in several headers is one list. */
function joined(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
