import type { Dispatcher } from 'undici';

import type { Sender } from './sender.ts';
import { BodyReader } from './body-reader.ts';
import type { Endpoint } from './endpoints.ts';
import { loadPool, loadProxyAgent } from './http-client.ts';
import { type ExchangeEvents, PendingExchange } from './pending-exchange.ts';
import type { BodySink, Exchange, UploadBody } from './types.ts';

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

const NO_STREAMS: Streams = {};
/** How often timeouts are checked; a request may exceed its timeout by this much. */
const SWEEP_MS_MAX = 100;
const SWEEP_MS_MIN = 5;

/** One timer serves all requests: they have the same timeout, so the oldest expires first. */
export function createTransport(options: TransportOptions): Transport {
  const { origin } = options;
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

  const events: ExchangeEvents = {
    connected: () => void (wasConnected = true),
    // The oldest stands first.
    progressed(pending) {
      if (!inFlight.delete(pending)) return;
      pending.startedMs = performance.now();
      inFlight.add(pending);
    },
    ended: (pending) => void inFlight.delete(pending),
  };

  return {
    exchange({ method, body }, path, { headers, redact }, { sink, upload } = NO_STREAMS) {
      return new Promise((resolve) => {
        const pending = new PendingExchange(redact, new BodyReader(body, sink), events, resolve);
        inFlight.add(pending);
        if (upload === undefined) return dispatcher.dispatch({ origin, method, path, headers }, pending);
        const sent = { headers: { ...headers, ...upload.headers }, body: pending.uploading(upload) };
        return dispatcher.dispatch({ origin, method, path, ...sent }, pending);
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
  const Pool = loadPool();
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
  const EnvHttpProxyAgent = loadProxyAgent();
  // Empty strings keep undici from reading the environment.
  return new EnvHttpProxyAgent({ ...poolOptions, clientFactory, httpProxy: '', httpsProxy: proxyUrl, noProxy: proxy.noProxy ?? '' });
}
