import type { Exchange } from '../../cloudflare/types.ts';
import { notAnswered, type NotAnswered, readAnswer } from '../answers.ts';

/** How large an image is, as `GET images/v1/{id}/blob` says in its headers. */
export type ImageSizeAnswer = NotAnswered | { readonly kind: 'size'; readonly bytes: number | undefined };

export function readImageSize(exchange: Exchange, nowWallMs: number): ImageSizeAnswer {
  if (exchange.kind === 'answer' && exchange.httpStatus === 200 && exchange.bodyFacts?.contentType?.startsWith('image/') === true) {
    const { toldBytes, readBytes } = exchange.bodyFacts;
    return { kind: 'size', bytes: toldBytes ?? readBytes };
  }
  const answer = readAnswer(exchange, 'account', nowWallMs);
  const isAbsent = answer.disposition.kind === 'done' && answer.disposition.outcome === 'absent';
  // What is not there takes no room.
  return notAnswered(answer) ?? { kind: 'size', bytes: isAbsent ? 0 : undefined };
}
