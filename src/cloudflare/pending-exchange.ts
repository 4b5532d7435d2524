import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';

import type { Redact } from '../text/redact.ts';
import type { BodyReader } from './body-reader.ts';
import { codeOf, describeError, isProxyRefusal, isTunnelRefusal } from './request-errors.ts';
import type { ApiAnswer, Exchange, NoAnswer, UploadBody } from './types.ts';

/** An image may be large and the line slow: each part of it of this size has the whole timeout. */
const PROGRESS_BYTES = 1024 * 1024;

/** What an exchange tells the one transport that it is part of. */
export interface ExchangeEvents {
  /** It has a connection. */
  readonly connected: () => void;
  /** Another part of a streamed body has passed. */
  readonly progressed: (pending: PendingExchange) => void;
  readonly ended: (pending: PendingExchange) => void;
}

/** One exchange in progress, as undici's handler. Tens of thousands are made in a second: each makes as few objects as can be. */
export class PendingExchange implements Dispatcher.DispatchHandler {
  /** Of the last progress, where a body is streamed. */
  startedMs: number = performance.now();
  readonly #beganMs: number = this.startedMs;
  readonly #redact: Redact;
  readonly #body: BodyReader;
  readonly #events: ExchangeEvents;
  readonly #settle: (exchange: Exchange) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #upload: Readable | undefined;
  /** Of a streamed body, since the last progress. */
  #passedBytes = 0;
  #isSettled = false;
  #httpStatus = 0;
  #retryAfter: string | undefined;
  #cfRay: string | undefined;
  #ratelimit: string | undefined;
  #ratelimitPolicy: string | undefined;
  #date: string | undefined;

  constructor(redact: Redact, body: BodyReader, events: ExchangeEvents, settle: (exchange: Exchange) => void) {
    this.#redact = redact;
    this.#body = body;
    this.#events = events;
    this.#settle = settle;
  }

  /** What is to be sent; it is let go of when the exchange ends. */
  uploading(upload: UploadBody): Readable {
    this.#upload = upload.open((bytes) => this.#passed(bytes));
    return this.#upload;
  }

  giveUp(reason: NoAnswer['reason'], code: string, message: string): void {
    if (!this.#finish({ kind: 'no-answer', reason, code, message, durationMs: this.#elapsedMs() })) return;
    this.#controller?.abort(new Error(message));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#events.connected();
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
    if (this.#body.isStreamed) this.#passed(chunk.length);
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

  #passed(bytes: number): void {
    this.#passedBytes += bytes;
    if (this.#passedBytes < PROGRESS_BYTES) return;
    this.#passedBytes = 0;
    this.#events.progressed(this);
  }

  #elapsedMs(): number {
    return Math.round(performance.now() - this.#beganMs);
  }

  #finish(exchange: Exchange): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    this.#events.ended(this);
    this.#upload?.destroy();
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
