import { ENVELOPE } from '../cloudflare/endpoints.ts';
import type { ApiAnswer } from '../cloudflare/types.ts';
import type { Redact } from '../text/redact.ts';
import type { ReadBody } from './edge-error.ts';

export const MESSAGE_CHARACTERS_MAX = 500;

/**
 * What an answer says, on one line: the API's message with what its chain of errors adds and where it is documented, or what the edge
 * says, or a page's title.
 */
export function messageOf({ body, httpStatus, redact }: ApiAnswer, { envelope, edge }: ReadBody): string {
  const keep = (text: string): string => textToKeep(onOneLine(text), MESSAGE_CHARACTERS_MAX, redact);
  if (envelope !== undefined) {
    const without = `HTTP ${httpStatus} without an error message`;
    const [error] = envelope.errors;
    // Of tens of thousands of successes a second nobody reads a message.
    return error === undefined ? without : keep([error.message ?? without, ...error.remarks].join('; '));
  }
  if (edge?.message !== undefined) return keep(edge.message);
  if (body === undefined) return `HTTP ${httpStatus} with a body over ${ENVELOPE.keptBytesMax} bytes`;
  const text = keep(/<title>([^<]*)<\/title>/i.exec(body)?.[1] ?? body);
  return text === '' ? `HTTP ${httpStatus} without a body` : text;
}

function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Redacts before it cuts: otherwise half of a secret could remain at the end. */
export function textToKeep(text: string, charactersMax: number, redact: Redact): string {
  return cut(redact(text), charactersMax);
}

/** Half a surrogate pair at the end would not be valid text in a report. */
export function cut(text: string, charactersMax: number): string {
  return text.slice(0, charactersMax).toWellFormed();
}
