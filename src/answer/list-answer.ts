import type { ApiAnswer, Exchange } from '../cloudflare/types.ts';
import { isForbidden, notAnswered, type NotAnswered, type ReadAnswer, readAnswer } from './answers.ts';
import { parseJsonObject } from './json-object.ts';

/** What `GET images/v2` answered. */
export type ListAnswer =
  | NotAnswered
  /** `nextToken`: of the page that follows; `undefined` on the last one. */
  | { readonly kind: 'page'; readonly images: readonly unknown[]; readonly nextToken: string | undefined }
  /** The page is longer than what is read of a body: smaller ones may be had. */
  | { readonly kind: 'too-large' }
  /** A success, and yet no page of a list. */
  | { readonly kind: 'unusable'; readonly why: string }
  /** The question is not taken as it was asked: its token has expired, or a filter is not known. */
  | { readonly kind: 'query-refused'; readonly answer: ReadAnswer };

/** Statuses by which the API may say that a token or a filter is not good. */
const QUERY_STATUSES: readonly (number | undefined)[] = [400, 404, 410, 422];

/** Reads a page strictly: a list that is taken for a whole one and is not would make wrong decisions. */
export function readListAnswer(exchange: Exchange, nowWallMs: number): ListAnswer {
  const result = exchange.kind === 'answer' && isSuccess(exchange.httpStatus) ? resultOf(exchange.body) : undefined;
  // A page is parsed once: what is read of its envelope is written again without the images.
  const answer = readAnswer(result === undefined ? exchange : { ...(exchange as ApiAnswer), body: result.envelope }, 'account', nowWallMs);
  if (exchange.kind === 'answer' && exchange.body === undefined && isSuccess(exchange.httpStatus)) return { kind: 'too-large' };
  const other = notAnswered(answer);
  if (other !== undefined) return other;
  const { disposition, httpStatus } = answer;
  if (disposition.kind === 'done' && disposition.outcome === 'deleted') return pageOf(result?.result);
  // A 403 page that is not the API's says nothing of the question.
  if (!QUERY_STATUSES.includes(httpStatus)) return { kind: 'stop-run', reason: 'address', answer };
  return { kind: 'query-refused', answer };
}

/** As {@link readListAnswer}, where a list that may not be read is the end of what needs it, and not of the credentials. */
export function readListIfAllowed(exchange: Exchange, nowWallMs: number): ListAnswer {
  const answer = readListAnswer(exchange, nowWallMs);
  return answer.kind === 'stop-run' && isForbidden(exchange) ? { kind: 'query-refused', answer: answer.answer } : answer;
}

/** `undefined` where the body is no JSON object. */
function resultOf(body: string | undefined): { readonly result: unknown; readonly envelope: string } | undefined {
  const parsed = body === undefined ? undefined : parseJsonObject(body);
  if (parsed === undefined) return undefined;
  const { result, ...envelope } = parsed;
  return { result, envelope: JSON.stringify(envelope) };
}

function isSuccess(httpStatus: number): boolean {
  return httpStatus >= 200 && httpStatus < 300;
}

/** @param result - of an envelope that says `success: true` */
function pageOf(result: unknown): ListAnswer {
  if (typeof result !== 'object' || result === null) return unusable('it has no result');
  const { images, continuation_token: token } = result as { readonly images?: unknown; readonly continuation_token?: unknown };
  if (!Array.isArray(images)) return unusable('its result holds no images');
  if (token !== undefined && token !== null && typeof token !== 'string') return unusable('its continuation token is no text');
  // No token and an empty one both say that there is nothing to continue with.
  return { kind: 'page', images, nextToken: token === undefined || token === null || token === '' ? undefined : token };
}

function unusable(why: string): ListAnswer {
  return { kind: 'unusable', why };
}
