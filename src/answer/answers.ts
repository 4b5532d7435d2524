import { parseBatchToken } from '../cloudflare/batch-token.ts';
import { ENVELOPE } from '../cloudflare/endpoints.ts';
import type { ApiAnswer, BatchToken, Exchange, NoAnswer } from '../cloudflare/types.ts';
import type { Disposition, StopReason, Throttled } from '../domain/disposition.ts';
import type { ErrorCode } from '../domain/result-fields.ts';
import type { Redact } from '../text/redact.ts';
import { parseEnvelope, type Envelope } from './envelope.ts';
import { parseRetryAfterMs } from './retry-after.ts';

/** What an answer means, and what the report says about it. */
export interface ReadAnswer {
  readonly disposition: Disposition;
  readonly httpStatus: number | undefined;
  readonly code: ErrorCode | undefined;
  readonly message: string;
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
    return {
      kind: 'throttled',
      retryAfterMs: parseRetryAfterMs(answer.retryAfter, nowWallMs),
      httpStatus: status,
      code: (envelope?.errors.find(({ code }) => code !== undefined && THROTTLE_CODES.includes(code)) ?? envelope?.errors[0])?.code,
    };
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

/** Answers that answer no question, whatever was asked. */
export type NotAnswered =
  | Throttled
  | { readonly kind: 'retry'; readonly answer: ReadAnswer }
  | { readonly kind: 'stop-run'; readonly reason: StopReason; readonly answer: ReadAnswer };

/** `undefined`: the question was answered; what was asked decides how. */
export function notAnswered(answer: ReadAnswer): NotAnswered | undefined {
  const { disposition } = answer;
  switch (disposition.kind) {
    case 'throttled':
      return disposition;
    case 'retry':
      return { kind: 'retry', answer };
    case 'stop-run':
    case 'refused':
      return { kind: 'stop-run', reason: disposition.reason, answer };
    case 'done':
    case 'fail-item':
      return undefined;
  }
}

/** What `GET images/v1/stats` answered. */
export type StatsAnswer =
  NotAnswered | { readonly kind: 'count'; readonly current: number } | { readonly kind: 'unreadable'; readonly why: string };

/** The stop rows hold for stats too, except that 401 or 403 with any code but 5403 only means that stats cannot be read. */
export function readStatsAnswer(exchange: Exchange, nowWallMs: number): StatsAnswer {
  const answer = readAnswer(exchange, 'account', nowWallMs);
  const { disposition, httpStatus, message } = answer;
  const envelope = envelopeOf(exchange);
  const isForbidden = (httpStatus === 401 || httpStatus === 403) && envelope?.errors.every(({ code }) => code !== 5403) === true;
  const other = notAnswered(answer);
  if (other !== undefined) return other.kind === 'stop-run' && isForbidden ? { kind: 'unreadable', why: message } : other;
  // A count in a 404 says nothing about the account, and a 0 from it would switch the absent rule off.
  const isSuccess = disposition.kind === 'done' && disposition.outcome === 'deleted';
  const current = isSuccess ? envelope?.statsCount : undefined;
  return current === undefined ? { kind: 'unreadable', why: message } : { kind: 'count', current };
}

/** What `GET images/v1/batch_token` answered. */
export type TokenAnswer =
  | NotAnswered
  | { readonly kind: 'token'; readonly token: BatchToken }
  /** The account's credentials were accepted, but no token was issued. */
  | { readonly kind: 'none'; readonly answer: ReadAnswer };

export function readTokenAnswer(exchange: Exchange, nowWallMs: number): TokenAnswer {
  const read = readAnswer(exchange, 'account', nowWallMs);
  // A successful answer that cannot be used may still contain a token, which must not be shown as the reason.
  const isSuccess = exchange.kind === 'answer' && exchange.httpStatus >= 200 && exchange.httpStatus < 300;
  const answer = isSuccess ? { ...read, message: `HTTP ${exchange.httpStatus} without a token that can be used` } : read;
  const other = notAnswered(answer);
  if (other !== undefined) return other;
  const token = read.disposition.kind === 'done' && exchange.kind === 'answer' ? parseBatchToken(exchange, nowWallMs) : undefined;
  return token === undefined ? { kind: 'none', answer } : { kind: 'token', token };
}

function envelopeOf(exchange: Exchange): Envelope | undefined {
  return exchange.kind === 'no-answer' || exchange.body === undefined ? undefined : parseEnvelope(exchange.body);
}

function withoutAnswer(exchange: NoAnswer): ReadAnswer {
  const disposition = dispositionWithout(exchange.reason);
  return {
    disposition,
    httpStatus: undefined,
    code: exchange.code,
    message: cut(exchange.message, MESSAGE_CHARACTERS_MAX),
    cfRay: undefined,
  };
}

function dispositionWithout(reason: NoAnswer['reason']): Disposition {
  if (reason === 'proxy-refused') return { kind: 'stop-run', reason: 'proxy' };
  return reason === 'connection' ? { kind: 'retry', isUnreached: true } : { kind: 'retry' };
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
