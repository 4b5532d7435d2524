import type { Exchange } from '../cloudflare/types.ts';
import { notAnswered, type NotAnswered, readAnswer, type ReadAnswer } from './answers.ts';
import { resultIn } from './json-object.ts';

/** Whether an image is there, as `GET images/v1/{id}` says. */
export type PresenceAnswer =
  | NotAnswered
  /** `image`: what is told of it. */
  | { readonly kind: 'there'; readonly image: Readonly<Record<string, unknown>> }
  | { readonly kind: 'gone' }
  /** It was answered, and says neither. */
  | { readonly kind: 'unclear'; readonly answer: ReadAnswer };

/** @param id - another image says nothing of this one */
export function readPresenceAnswer(exchange: Exchange, id: string, nowWallMs: number): PresenceAnswer {
  const answer = readAnswer(exchange, 'account', nowWallMs);
  const other = notAnswered(answer);
  if (other !== undefined) return other;
  const { disposition } = answer;
  if (disposition.kind !== 'done') return { kind: 'unclear', answer };
  if (disposition.outcome === 'absent') return { kind: 'gone' };
  const image = exchange.kind === 'answer' ? resultIn(exchange.body) : undefined;
  return image?.['id'] === id
    ? { kind: 'there', image }
    : { kind: 'unclear', answer: { ...answer, message: `HTTP ${answer.httpStatus} without the image` } };
}
