import type { ApiAnswer } from '../cloudflare/types.ts';

type Told = Pick<ApiAnswer, 'httpStatus' | 'body' | 'retryAfter'>;

/** A longer body is not the usual one. */
const CHARACTERS_MAX = 1_000;

/**
 * What the last answer was read as. Of tens of thousands of answers a second nearly all are alike, and to compare their texts is less
 * than to parse each.
 */
export class LastReading<T> {
  #answer: Told | undefined;
  #reading: T | undefined;

  /** @param reading - must follow from status and body alone */
  keep(answer: Told, reading: T): void {
    if (answer.body === undefined || answer.body.length > CHARACTERS_MAX) return;
    this.#answer = { httpStatus: answer.httpStatus, body: answer.body, retryAfter: undefined };
    this.#reading = reading;
  }

  /** `undefined` unless it is the same answer again, to the letter, and says nothing of how long to wait. */
  readingOf({ httpStatus, body, retryAfter }: Told): T | undefined {
    const last = this.#answer;
    return last?.body === body && last?.httpStatus === httpStatus && retryAfter === undefined ? this.#reading : undefined;
  }
}
