import { parseBatchToken } from '../cloudflare/batch-token.ts';
import type { ApiAnswer, BatchToken, Exchange, NoAnswer } from '../cloudflare/types.ts';
import type { Disposition, StopReason, StopRun, Throttled } from '../domain/disposition.ts';
import type { ErrorCode } from '../domain/result-fields.ts';
import { cut, MESSAGE_CHARACTERS_MAX, messageOf, textToKeep } from './answer-message.ts';
import { isEdgeRefusal, readBody, type ReadBody } from './edge-error.ts';
import type { Envelope } from './envelope.ts';
import { LastReading } from './last-reading.ts';
import { toldWaitMs } from './retry-after.ts';
import { RETRY_AFTER_MS_RETRIED_MAX } from './retry-timing.ts';

/** What an answer means, and what the report says about it. */
export interface ReadAnswer {
  readonly disposition: Disposition;
  readonly httpStatus: number | undefined;
  readonly code: ErrorCode | undefined;
  /** One line. */
  readonly message: string;
  readonly cfRay: string | undefined;
  /** How long the answer asks to wait, whatever it means; `undefined` where it does not say, or is a success. */
  readonly retryAfterMs: number | undefined;
}

const CF_RAY_CHARACTERS_MAX = 100;

const lastSuccess: LastReading<ReadAnswer> = new LastReading();

const THROTTLE_CODES = [971, 10429];
/** The edge's own. They are a lane's affair under every status. */
const EDGE_THROTTLE_CODES = [1015, 1200];
/** Refusals of the edge that pass: it cannot reach what is behind it, or is busy. The others dislike the request, for good. */
const EDGE_RETRYABLE_CODES = [1004, 1033, 1038, 1205];
const AUTH_FAILURES_CODE = 10502;
const CREDENTIAL_CODES = [1000, 5403, 6003, 6103, 6111, 9106, 9109, 10000, AUTH_FAILURES_CODE];
/** Codes of the account's credentials that are believed at once; to ask again makes the first two worse. */
const FINAL_CODES = [AUTH_FAILURES_CODE, 9109, 5403];
const NO_SUCH_IMAGE_CODE = 5404;
const NO_SUCH_ROUTE_CODES = [7000, 7003];
/** 4xx statuses that may succeed when tried again. */
const RETRYABLE_CLIENT_STATUSES = [408, 409, 425];

/** A batch lane's refused token can be renewed, the account's credentials cannot. */
export type LaneKind = 'account' | 'batch';

/**
 * The contract's table "How answers are read" as one function: the first matching row wins. HTTP status first, code
 * second, text last; no official list of codes exists.
 *
 * @param nowWallMs - milliseconds since 1970, for a `Retry-After` that is a time, where the answer has no `Date`
 */
export function readAnswer(exchange: Exchange, lane: LaneKind, nowWallMs: number): ReadAnswer {
  if (exchange.kind === 'no-answer') return withoutAnswer(exchange);
  const known = lastSuccess.readingOf(exchange);
  if (known !== undefined) return known;
  const body = readBody(exchange.body);
  const { retryAfter, date } = exchange;
  const told = toldWaitMs({ retryAfter, date, inBody: body.edge?.retryAfter }, nowWallMs);
  const disposition = dispositionOf({ answer: exchange, ...body, lane, retryAfterMs: told });
  const isDone = disposition.kind === 'done';
  const answer: ReadAnswer = {
    disposition,
    httpStatus: exchange.httpStatus,
    code: body.envelope?.errors[0]?.code ?? body.edge?.code ?? plainCode(exchange),
    message: messageOf(exchange, body),
    // Recorded with failures only. Redacting it for thousands of successes a second would be wasted work.
    cfRay: isDone ? undefined : rayOf(exchange, body),
    retryAfterMs: isDone ? undefined : told,
  };
  // With an error in it, its text would depend on what is redacted.
  if (isDone && disposition.outcome === 'deleted' && body.envelope?.errors.length === 0) lastSuccess.keep(exchange, answer);
  return answer;
}

function rayOf({ cfRay, redact }: ApiAnswer, { edge }: ReadBody): string | undefined {
  const ray = cfRay ?? edge?.rayId;
  return ray === undefined ? undefined : textToKeep(ray, CF_RAY_CHARACTERS_MAX, redact);
}

/** What an answer is judged by. */
interface Judged extends ReadBody {
  readonly answer: ApiAnswer;
  readonly lane: LaneKind;
  readonly retryAfterMs: number | undefined;
}

function dispositionOf({ answer, envelope, edge, lane, retryAfterMs }: Judged): Disposition {
  const { httpStatus: status } = answer;
  const hasCode = hasCodeOf(envelope);
  const isClientError = status >= 400 && status < 500;
  const retry: Disposition = { kind: 'retry', retryAfterMs: atMost(RETRY_AFTER_MS_RETRIED_MAX, retryAfterMs) };

  const edgeThrottle = EDGE_THROTTLE_CODES.find((code) => code === edge?.code);
  if ((status === 429 && !hasCode([AUTH_FAILURES_CODE])) || hasCode(THROTTLE_CODES) || edgeThrottle !== undefined) {
    const code = envelope?.errors.find((error) => error.code !== undefined && THROTTLE_CODES.includes(error.code))?.code ?? edgeThrottle;
    return { kind: 'throttled', retryAfterMs, httpStatus: status, code: code ?? envelope?.errors[0]?.code ?? edge?.code };
  }
  // An envelope is the API's own answer, whatever else stands in it: its 403 is about the credentials.
  if (status === 403 && envelope === undefined && edge !== undefined && isEdgeRefusal(edge.code)) {
    const isPassing = edge.isRetryable || EDGE_RETRYABLE_CODES.some((code) => code === edge.code);
    return isPassing ? retry : { kind: 'fail-item', streak: 'firewall' };
  }
  if (isClientError && hasCode(CREDENTIAL_CODES)) {
    const refused = refusal(lane, hasCode([5403]) ? 'account' : 'credentials');
    const finalCode = FINAL_CODES.find((code) => hasCode([code]));
    if (finalCode === undefined) return refused;
    return refused.kind === 'refused' ? { ...refused, finalCode } : { ...refused, finalCode, retryAfterMs };
  }
  if (status === 401 || status === 403) {
    if (envelope !== undefined || lane === 'batch') return refusal(lane, status === 403 ? 'permission' : 'credentials');
  }
  if (status >= 200 && status < 300 && envelope?.success === true) return { kind: 'done', outcome: 'deleted' };
  if (status === 404) return missing(answer, envelope, hasCode);
  if (status === 401) return { kind: 'stop-run', reason: 'address' };
  if (status >= 300 && status < 400) return { kind: 'stop-run', reason: 'address' };
  if (status === 407) return { kind: 'stop-run', reason: 'proxy' };
  if (status === 403) return { kind: 'fail-item', streak: 'firewall' };
  if (status < 400 || status >= 500 || RETRYABLE_CLIENT_STATUSES.includes(status)) return retry;
  return { kind: 'fail-item', streak: 'none' };
}

type HasCode = (codes: readonly number[]) => boolean;

/** Codes are those of the envelope's errors: of all of them, and of nothing else in the answer. */
function hasCodeOf(envelope: Envelope | undefined): HasCode {
  return (codes) => envelope?.errors.some(({ code }) => code !== undefined && codes.includes(code)) ?? false;
}

function atMost(max: number, ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.min(ms, max);
}

function missing(answer: ApiAnswer, envelope: Envelope | undefined, hasCode: HasCode): Disposition {
  if (hasCode([NO_SUCH_IMAGE_CODE]) || (envelope === undefined && plainCode(answer) === NO_SUCH_IMAGE_CODE))
    return { kind: 'done', outcome: 'absent' };
  if (hasCode(NO_SUCH_ROUTE_CODES)) return { kind: 'stop-run', reason: 'account' };
  return envelope === undefined ? { kind: 'stop-run', reason: 'address' } : { kind: 'fail-item', streak: 'not-found' };
}

function refusal(lane: LaneKind, reason: StopReason): StopRun | { readonly kind: 'refused'; readonly reason: StopReason } {
  return { kind: lane === 'batch' ? 'refused' : 'stop-run', reason };
}

/** Answers that answer no question, whatever was asked. */
export type NotAnswered =
  | Throttled
  | { readonly kind: 'retry'; readonly retryAfterMs: number | undefined; readonly answer: ReadAnswer }
  | { readonly kind: 'stop-run'; readonly reason: StopReason; readonly answer: ReadAnswer };

/** `undefined`: the question was answered; what was asked decides how. */
export function notAnswered(answer: ReadAnswer): NotAnswered | undefined {
  const { disposition } = answer;
  switch (disposition.kind) {
    case 'throttled':
      return disposition;
    case 'retry':
      return { kind: 'retry', retryAfterMs: disposition.retryAfterMs, answer };
    case 'stop-run':
    case 'refused':
      return { kind: 'stop-run', reason: disposition.reason, answer };
    case 'done':
    case 'next-request':
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
  const { disposition, message } = answer;
  const other = notAnswered(answer);
  if (other !== undefined) return other.kind === 'stop-run' && isForbidden(exchange) ? { kind: 'unreadable', why: message } : other;
  const envelope = exchange.kind === 'answer' ? readBody(exchange.body).envelope : undefined;
  // A count in a 404 says nothing about the account, and a 0 from it would switch the absent rule off.
  const isSuccess = disposition.kind === 'done' && disposition.outcome === 'deleted';
  const current = isSuccess ? envelope?.statsCount : undefined;
  return current === undefined ? { kind: 'unreadable', why: message } : { kind: 'count', current };
}

/** The API's own 401 or 403 with any code but 5403: what was asked for may not be read, and the account may be right. */
export function isForbidden(exchange: Exchange): boolean {
  if (exchange.kind !== 'answer' || (exchange.httpStatus !== 401 && exchange.httpStatus !== 403)) return false;
  return readBody(exchange.body).envelope?.errors.every(({ code }) => code !== 5403) === true;
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

function withoutAnswer(exchange: NoAnswer): ReadAnswer {
  const disposition = dispositionWithout(exchange.reason);
  return {
    disposition,
    httpStatus: undefined,
    code: exchange.code,
    message: cut(exchange.message, MESSAGE_CHARACTERS_MAX),
    cfRay: undefined,
    retryAfterMs: undefined,
  };
}

function dispositionWithout(reason: NoAnswer['reason']): Disposition {
  if (reason === 'proxy-refused') return { kind: 'stop-run', reason: 'proxy' };
  const retry: Disposition = { kind: 'retry', retryAfterMs: undefined };
  return reason === 'connection' ? { ...retry, isUnreached: true } : retry;
}

/** The plain-text form once seen: `ERROR 5404: Image not found`. */
function plainCode({ body = '' }: ApiAnswer): number | undefined {
  const match = /^\s*ERROR (\d{3,6})\b/.exec(body);
  return match === null ? undefined : Number(match[1]);
}
