import type { Exchange } from '../../cloudflare/types.ts';
import { notAnswered, type NotAnswered, readAnswer, type ReadAnswer } from '../answers.ts';
import { resultIn } from '../json-object.ts';

/** What `POST images/v1` answered. */
export type UploadAnswer =
  | NotAnswered
  | { readonly kind: 'uploaded'; readonly id: string }
  /** The ID that was asked for is taken. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused-image'; readonly answer: ReadAnswer };

const CONFLICT_CODE = 5409;

export function readUploadAnswer(exchange: Exchange, nowWallMs: number): UploadAnswer {
  const answer = readAnswer(exchange, 'account', nowWallMs);
  const { disposition, httpStatus, code } = answer;
  // A DELETE would be tried again after a conflict; an upload would meet the same image again.
  if (code === CONFLICT_CODE || (httpStatus === 409 && disposition.kind === 'retry')) return { kind: 'taken' };
  const other = notAnswered(answer);
  if (other !== undefined) return other;
  const id = exchange.kind === 'answer' && disposition.kind === 'done' ? resultIn(exchange.body)?.['id'] : undefined;
  if (disposition.kind === 'done' && disposition.outcome === 'deleted' && typeof id === 'string') return { kind: 'uploaded', id };
  return { kind: 'refused-image', answer };
}
