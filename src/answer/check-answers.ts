/**
 * What `images-purge check` reads of answers. A refusal is what it wants to know: it ends nothing here, and is never asked about again.
 *
 * @module
 */
import type { BatchToken, Exchange } from '../cloudflare/types.ts';
import type { Throttled } from '../domain/disposition.ts';
import { textToKeep } from './answer-message.ts';
import { type NotAnswered, readAnswer, type ReadAnswer, readStatsAnswer, readTokenAnswer } from './answers.ts';
import { recordOf, resultIn } from './json-object.ts';

const STATUS_CHARACTERS_MAX = 100;
const RFC_3339 = /^\d{4}-\d\d-\d\dT[\d:.]{8,24}(Z|[+-]\d\d:\d\d)$/i;

type Retried = { readonly kind: 'retry'; readonly answer: ReadAnswer };

/** What `GET images/v1/stats` answered: the image count, or what kept it from being read. */
export type CountAnswer =
  | NotAnswered
  /** `allowed`: how many images the account may hold, if it was told. */
  | { readonly kind: 'count'; readonly current: number; readonly allowed: number | undefined }
  | { readonly kind: 'unreadable'; readonly answer: ReadAnswer };

export function readCountAnswer(exchange: Exchange, nowWallMs: number): CountAnswer {
  const stats = readStatsAnswer(exchange, nowWallMs);
  switch (stats.kind) {
    case 'count':
      return { ...stats, allowed: countIn(resultOf(exchange)?.['count'], 'allowed') };
    case 'unreadable':
      return { kind: 'unreadable', answer: readAnswer(exchange, 'account', nowWallMs) };
    case 'throttled':
    case 'retry':
    case 'stop-run':
      return stats;
  }
}

/** What `GET tokens/verify` answered. */
export type VerifyAnswer =
  | Throttled
  | Retried
  | {
      readonly kind: 'verified';
      /** `active`, `disabled` or `expired`. */
      readonly status: string;
      /** As the API writes them (RFC 3339), if it does. */
      readonly expiresOn: string | undefined;
      readonly notBefore: string | undefined;
    }
  /** Any other answer, a refusal too: it says nothing of the token, or that it is not known there. */
  | { readonly kind: 'not-told'; readonly answer: ReadAnswer };

export function readVerifyAnswer(exchange: Exchange, nowWallMs: number): VerifyAnswer {
  const answer = readAnswer(exchange, 'account', nowWallMs);
  const { disposition } = answer;
  if (disposition.kind === 'throttled') return disposition;
  if (disposition.kind === 'retry') return { kind: 'retry', answer };
  const { status, expires_on: expiresOn, not_before: notBefore } = resultOf(exchange) ?? {};
  const isTold = disposition.kind === 'done' && disposition.outcome === 'deleted' && typeof status === 'string';
  if (!isTold || exchange.kind !== 'answer') return { kind: 'not-told', answer };
  const shown = textToKeep(status, STATUS_CHARACTERS_MAX, exchange.redact);
  return { kind: 'verified', status: shown, expiresOn: timeIn(expiresOn), notBefore: timeIn(notBefore) };
}

/** What `GET images/v1/batch_token` answered, where a refusal only means that there is none. */
export type BatchTokenAnswer =
  Throttled | Retried | { readonly kind: 'token'; readonly token: BatchToken } | { readonly kind: 'none'; readonly answer: ReadAnswer };

export function readBatchTokenAnswer(exchange: Exchange, nowWallMs: number): BatchTokenAnswer {
  const answer = readTokenAnswer(exchange, nowWallMs);
  return answer.kind === 'stop-run' ? { kind: 'none', answer: answer.answer } : answer;
}

function resultOf(exchange: Exchange): Readonly<Record<string, unknown>> | undefined {
  return exchange.kind === 'answer' ? resultIn(exchange.body) : undefined;
}

function countIn(value: unknown, name: string): number | undefined {
  const count = recordOf(value)?.[name];
  return typeof count === 'number' && Number.isFinite(count) && count >= 0 ? count : undefined;
}

/** `Date.parse` takes nearly any text with a number in it for a time. */
function timeIn(value: unknown): string | undefined {
  return typeof value === 'string' && RFC_3339.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined;
}
