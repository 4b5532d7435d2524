import type { BodyFacts, Exchange } from '../../cloudflare/types.ts';
import type { Disposition } from '../../domain/disposition.ts';
import { type ReadAnswer, readAnswer } from '../answers.ts';
import { resultIn } from '../json-object.ts';

type Image = Readonly<Record<string, unknown>>;

const RETRY: Disposition = { kind: 'retry', retryAfterMs: undefined };
const NEXT: Disposition = { kind: 'next-request' };
const FAILS: Disposition = { kind: 'fail-item', streak: 'none' };

/** Types under which a server that knows no better sends a picture. Text is an error page, whatever its status says. */
const UNTYPED: readonly (string | undefined)[] = ['application/octet-stream', 'binary/octet-stream'];

/** What `GET images/v1/{id}` says before a backup; `image` where it is `next-request`. */
export function readDetailsToSave(
  exchange: Exchange,
  id: string,
  nowWallMs: number,
): { readonly answer: ReadAnswer; readonly image: Image | undefined } {
  const answer = readAnswer(exchange, 'account', nowWallMs);
  if (!isSuccess(answer)) return { answer, image: undefined };
  const image = exchange.kind === 'answer' ? resultIn(exchange.body) : undefined;
  if (image?.['id'] !== id) return { answer: instead(answer, RETRY, `HTTP ${answer.httpStatus} without the image`), image: undefined };
  if (image['draft'] === true) return { answer: instead(answer, FAILS, 'a draft, to which nothing was uploaded yet'), image: undefined };
  return { answer: instead(answer, NEXT, ''), image };
}

/** What `GET images/v1/{id}/blob` says: `next-request` where a whole image came. Any other answer is read as one of a DELETE. */
export function readImageToSave(exchange: Exchange, nowWallMs: number): ReadAnswer {
  const facts = exchange.kind === 'answer' ? exchange.bodyFacts : undefined;
  if (facts?.isStreamed !== true) {
    const answer = readAnswer(exchange, 'account', nowWallMs);
    return isSuccess(answer) ? instead(answer, RETRY, `HTTP ${answer.httpStatus} without an image`) : answer;
  }
  // The body has gone to the disk: only its headers are left to be judged.
  const answer = readAnswer({ ...exchange, body: '' } as Exchange, 'account', nowWallMs);
  const why = whyNoImage(facts);
  return why === undefined ? instead(answer, NEXT, '') : instead(answer, RETRY, `HTTP ${answer.httpStatus}, and ${why}`);
}

function whyNoImage({ contentType, isEndKnown, isEncoded, toldBytes, readBytes }: BodyFacts): string | undefined {
  if (contentType?.startsWith('image/') !== true && !UNTYPED.includes(contentType))
    return `what came is no image but ${contentType ?? 'of no type'}`;
  if (readBytes === 0) return 'the image is empty';
  if (toldBytes !== undefined && toldBytes !== readBytes) return `${readBytes} bytes came of ${toldBytes}`;
  if (!isEndKnown) return 'it does not say how long the image is';
  return isEncoded ? 'the image is compressed, which was not asked for' : undefined;
}

function isSuccess({ disposition }: ReadAnswer): boolean {
  return disposition.kind === 'done' && disposition.outcome === 'deleted';
}

function instead(answer: ReadAnswer, disposition: Disposition, message: string): ReadAnswer {
  return { ...answer, disposition, message };
}
