import type { PageItem } from '../checkpoint/pages.ts';
import type { ImageId } from '../domain/image-id.ts';

/** A page without the places of the IDs in their source, which only the ledger needs. */
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
