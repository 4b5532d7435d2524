import type { PageItem } from '../checkpoint/pages.ts';
import { OUTCOME_NUMBER, outcomeFromNumber } from '../checkpoint/format/schema.ts';
import type { ItemResult } from '../checkpoint/results.ts';
import type { ImageId } from '../domain/image-id.ts';

/**
 * Results and pages cross between the threads tens of thousands a second. Cloned as objects, each would carry the names
 * of its fields; as columns of numbers they cost next to nothing.
 *
 * @module
 */

/** Eight numbers a result; what few results have beside them stands apart, with its position. */
export interface PackedResults {
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly texts: readonly { readonly index: number; readonly message: string | undefined; readonly cfRay: string | undefined }[];
}

const NUMBERS_PER_RESULT = 8;

export function packResults(results: readonly ItemResult[]): PackedResults {
  const numbers = new Float64Array(results.length * NUMBERS_PER_RESULT);
  const texts: PackedResults['texts'][number][] = [];
  let at = 0;
  results.forEach((result, index) => {
    numbers[at++] = result.seq;
    numbers[at++] = OUTCOME_NUMBER[result.outcome];
    numbers[at++] = result.httpStatus ?? Number.NaN;
    numbers[at++] = result.code ?? Number.NaN;
    numbers[at++] = result.attempts;
    numbers[at++] = result.isUnknown ? 1 : 0;
    numbers[at++] = result.atMs;
    numbers[at++] = result.durationMs;
    // Only why an ID failed is ever recorded.
    if (result.outcome === 'failed') texts.push({ index, message: result.message, cfRay: result.cfRay });
  });
  return { numbers, texts };
}

export function unpackResults({ numbers, texts }: PackedResults): ItemResult[] {
  const results: ItemResult[] = [];
  const textAt = new Map(texts.map((text) => [text.index, text]));
  const number = (at: number): number => numbers[at] ?? Number.NaN;
  const optional = (at: number): number | undefined => (Number.isNaN(number(at)) ? undefined : number(at));
  for (let at = 0; at < numbers.length; at += NUMBERS_PER_RESULT) {
    const text = textAt.size === 0 ? undefined : textAt.get(results.length);
    results.push({
      seq: number(at),
      outcome: outcomeFromNumber(number(at + 1)) as ItemResult['outcome'],
      httpStatus: optional(at + 2),
      code: optional(at + 3),
      message: text?.message,
      cfRay: text?.cfRay,
      attempts: number(at + 4),
      isUnknown: number(at + 5) === 1,
      atMs: number(at + 6),
      durationMs: number(at + 7),
    });
  }
  return results;
}

/** A page without what only the ledger needs: where each ID stood. */
export interface PackedPage {
  readonly ids: readonly ImageId[];
  /** seq, attempts, isUnknown for each ID. */
  readonly numbers: Float64Array<ArrayBuffer>;
}

export type HandedOut = Pick<PageItem, 'seq' | 'id' | 'attempts' | 'isUnknown'>;

const NUMBERS_PER_ITEM = 3;

export function packPage(items: readonly PageItem[]): PackedPage {
  const numbers = new Float64Array(items.length * NUMBERS_PER_ITEM);
  items.forEach((item, index) => {
    numbers.set([item.seq, item.attempts, item.isUnknown ? 1 : 0], index * NUMBERS_PER_ITEM);
  });
  return { ids: items.map(({ id }) => id), numbers };
}

export function unpackPage({ ids, numbers }: PackedPage): HandedOut[] {
  return ids.map((id, index) => {
    const at = index * NUMBERS_PER_ITEM;
    return { id, seq: numbers[at] ?? 0, attempts: numbers[at + 1] ?? 0, isUnknown: numbers[at + 2] === 1 };
  });
}
