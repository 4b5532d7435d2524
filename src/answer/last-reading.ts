import type { ApiAnswer } from '../cloudflare/types.ts';

type Told = Pick<ApiAnswer, 'httpStatus' | 'body'>;

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
    this.#answer = { httpStatus: answer.httpStatus, body: answer.body };
    this.#reading = reading;
  }

  /** `undefined` unless it is the same answer again, to the letter. */
  readingOf({ httpStatus, body }: Told): T | undefined {
    return this.#answer?.body === body && this.#answer?.httpStatus === httpStatus ? this.#reading : undefined;
  }
}
