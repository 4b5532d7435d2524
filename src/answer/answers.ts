import { parseBatchToken } from '../cloudflare/batch-token.ts';
import { ENVELOPE } from '../cloudflare/endpoints.ts';
import type { ApiAnswer, BatchToken, Exchange, NoAnswer } from '../cloudflare/types.ts';
import type { Disposition, StopReason } from '../domain/disposition.ts';
import type { Redact } from '../text/redact.ts';
import { parseEnvelope, type Envelope } from './envelope.ts';
import { parseRetryAfterMs } from './retry-after.ts';

/** What an answer means, and what the report says about it. */
export interface ReadAnswer {
  readonly disposition: Disposition;
  readonly httpStatus: number | undefined;
  readonly code: number | undefined;
  readonly message: string | undefined;
  readonly cfRay: string | undefined;
}

const MESSAGE_CHARACTERS_MAX = 500;
const CF_RAY_CHARACTERS_MAX = 100;

const THROTTLE_CODES = [971, 10429];
const AUTH_FAILURES_CODE = 10502;
const CREDENTIAL_CODES = [1000, 5403, 6003, 6103, 6111, 9106, 9109, 10000, AUTH_FAILURES_CODE];
const NO_SUCH_IMAGE_CODE = 5404;
const NO_SUCH_ROUTE_CODES = [7000, 7003];
/** 4xx statuses that may succeed when tried again. */
const RETRYABLE_CLIENT_STATUSES = [408, 409, 425];

/**
 * The contract's table "How answers are read" as one function: the first matching row wins. HTTP status first, code
 * second, text last; no official list of codes exists.
 *
 * @param lane - a batch lane's refused token can be renewed, the account's credentials cannot
 * @param nowWallMs - milliseconds since 1970, for a `Retry-After` that is a date
 */
export function readAnswer(exchange: Exchange, lane: 'account' | 'batch', nowWallMs: number): ReadAnswer {
  if (exchange.kind === 'no-answer') return withoutAnswer(exchange);
  const envelope = envelopeOf(exchange);
  const disposition = dispositionOf(exchange, envelope, lane, nowWallMs);
  return {
    disposition,
    httpStatus: exchange.httpStatus,
    code: envelope?.errors[0]?.code ?? plainCode(exchange),
    message: messageOf(exchange, envelope),
    // Recorded with failures only. Redacting it for thousands of successes a second would be wasted work.
    cfRay:
      disposition.kind === 'done' || exchange.cfRay === undefined
        ? undefined
        : textToKeep(exchange.cfRay, CF_RAY_CHARACTERS_MAX, exchange.redact),
  };
}

function dispositionOf(answer: ApiAnswer, envelope: Envelope | undefined, lane: 'account' | 'batch', nowWallMs: number): Disposition {
  const { httpStatus: status } = answer;
  const hasCode = (codes: readonly number[]): boolean =>
    envelope?.errors.some(({ code }) => code !== undefined && codes.includes(code)) ?? false;
  const isClientError = status >= 400 && status < 500;

  if ((status === 429 && !hasCode([AUTH_FAILURES_CODE])) || hasCode(THROTTLE_CODES)) {
    return { kind: 'throttled', retryAfterMs: parseRetryAfterMs(answer.retryAfter, nowWallMs) };
  }
  if (isClientError && hasCode(CREDENTIAL_CODES)) return refusal(lane, hasCode([5403]) ? 'account' : 'credentials');
  if (status === 401 || status === 403) {
    if (envelope !== undefined || lane === 'batch') return refusal(lane, status === 403 ? 'permission' : 'credentials');
  }
  if (status >= 200 && status < 300 && envelope?.success === true) return { kind: 'done', outcome: 'deleted' };
  if (status === 404) return missing(answer, envelope, hasCode);
  if (status === 401) return { kind: 'stop-run', reason: 'address' };
  if (status >= 300 && status < 400) return { kind: 'stop-run', reason: 'address' };
  if (status === 407) return { kind: 'stop-run', reason: 'proxy' };
  if (status === 403) return { kind: 'fail-item', streak: 'firewall' };
  if (status < 400 || status >= 500 || RETRYABLE_CLIENT_STATUSES.includes(status)) return { kind: 'retry' };
  return { kind: 'fail-item', streak: 'none' };
}

function missing(answer: ApiAnswer, envelope: Envelope | undefined, hasCode: (codes: readonly number[]) => boolean): Disposition {
  if (hasCode([NO_SUCH_IMAGE_CODE]) || (envelope === undefined && plainCode(answer) === NO_SUCH_IMAGE_CODE))
    return { kind: 'done', outcome: 'absent' };
  if (hasCode(NO_SUCH_ROUTE_CODES)) return { kind: 'stop-run', reason: 'account' };
  return envelope === undefined ? { kind: 'stop-run', reason: 'address' } : { kind: 'fail-item', streak: 'not-found' };
}

function refusal(lane: 'account' | 'batch', reason: StopReason): Disposition {
  return { kind: lane === 'batch' ? 'refused' : 'stop-run', reason };
}

/** What `GET images/v1/stats` answered. */
export type StatsAnswer =
  | { readonly kind: 'count'; readonly current: number }
  | { readonly kind: 'unreadable'; readonly why: string }
  | { readonly kind: 'retry'; readonly why: string }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'stop-run'; readonly reason: StopReason; readonly answer: ReadAnswer };

/** The stop rows hold for stats too, except that 401 or 403 with any code but 5403 only means that stats cannot be read. */
export function readStatsAnswer(exchange: Exchange, nowWallMs: number): StatsAnswer {
  const answer = readAnswer(exchange, 'account', nowWallMs);
  const { disposition, httpStatus } = answer;
  const why = answer.message ?? `HTTP ${httpStatus ?? 'without an answer'}`;
  if (disposition.kind === 'throttled') return disposition;
  if (disposition.kind === 'retry') return { kind: 'retry', why };
  const envelope = envelopeOf(exchange);
  if ((httpStatus === 401 || httpStatus === 403) && envelope !== undefined && envelope.errors.every(({ code }) => code !== 5403))
    return { kind: 'unreadable', why };
  if (disposition.kind === 'stop-run' || disposition.kind === 'refused') return { kind: 'stop-run', reason: disposition.reason, answer };
  const current = envelope?.statsCount;
  // A count in a 404 says nothing about the account, and a 0 from it would switch the absent rule off.
  const isSuccess = disposition.kind === 'done' && disposition.outcome === 'deleted';
  return isSuccess && current !== undefined ? { kind: 'count', current } : { kind: 'unreadable', why };
}

/** What `GET images/v1/batch_token` answered. */
export type TokenAnswer =
  | { readonly kind: 'token'; readonly token: BatchToken }
  /** The account's credentials were accepted, but no token was issued. */
  | { readonly kind: 'none'; readonly answer: ReadAnswer }
  | { readonly kind: 'retry'; readonly answer: ReadAnswer }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'stop-run'; readonly reason: StopReason; readonly answer: ReadAnswer };

export function readTokenAnswer(exchange: Exchange, nowWallMs: number): TokenAnswer {
  const read = readAnswer(exchange, 'account', nowWallMs);
  const { disposition } = read;
  // A successful answer that cannot be used may still contain a token, which must not be shown as the reason.
  const isSuccess = exchange.kind === 'answer' && exchange.httpStatus >= 200 && exchange.httpStatus < 300;
  const answer = isSuccess ? { ...read, message: `HTTP ${exchange.httpStatus} without a token that can be used` } : read;
  if (disposition.kind === 'throttled') return disposition;
  if (disposition.kind === 'retry') return { kind: 'retry', answer };
  if (disposition.kind === 'stop-run' || disposition.kind === 'refused') return { kind: 'stop-run', reason: disposition.reason, answer };
  const token = disposition.kind === 'done' && exchange.kind === 'answer' ? parseBatchToken(exchange, nowWallMs) : undefined;
  return token === undefined ? { kind: 'none', answer } : { kind: 'token', token };
}

function envelopeOf(exchange: Exchange): Envelope | undefined {
  return exchange.kind === 'no-answer' || exchange.body === undefined ? undefined : parseEnvelope(exchange.body);
}

function withoutAnswer(exchange: NoAnswer): ReadAnswer {
  const disposition: Disposition = exchange.reason === 'proxy-refused' ? { kind: 'stop-run', reason: 'proxy' } : { kind: 'retry' };
  return { disposition, httpStatus: undefined, code: undefined, message: cut(exchange.message, MESSAGE_CHARACTERS_MAX), cfRay: undefined };
}

/** The plain-text form once seen: `ERROR 5404: Image not found`. */
function plainCode({ body = '' }: ApiAnswer): number | undefined {
  const match = /^\s*ERROR (\d{3,6})\b/.exec(body);
  return match === null ? undefined : Number(match[1]);
}

function messageOf({ body, httpStatus, redact }: ApiAnswer, envelope: Envelope | undefined): string {
  if (envelope?.errors[0]?.message !== undefined) return textToKeep(envelope.errors[0].message, MESSAGE_CHARACTERS_MAX, redact);
  if (envelope !== undefined) return `HTTP ${httpStatus} without an error message`;
  if (body === undefined) return `HTTP ${httpStatus} with a body over ${ENVELOPE.keptBytesMax} bytes`;
  const title = /<title>([^<]*)<\/title>/i.exec(body)?.[1] ?? body;
  const text = textToKeep(title.replaceAll(/\s+/g, ' ').trim(), MESSAGE_CHARACTERS_MAX, redact);
  return text === '' ? `HTTP ${httpStatus} without a body` : text;
}

/** Redacts before it cuts: otherwise half of a secret could remain at the end. */
function textToKeep(text: string, charactersMax: number, redact: Redact): string {
  return cut(redact(text), charactersMax);
}

/** Half a surrogate pair at the end would not be valid text in a report. */
function cut(text: string, charactersMax: number): string {
  return text.slice(0, charactersMax).toWellFormed();
}
