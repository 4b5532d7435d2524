import type { SimulatedImages } from './simulator-options.ts';

/** The images of the simulated account. */
export interface ImageStore {
  readonly count: number;
  has(id: string): boolean;
  /** Whether it was there to be deleted. */
  delete(id: string): boolean;
  /** IDs in order, after the given one. */
  list(after: string | undefined, countMax: number): string[];
}

/** The count in stats of an account in which every ID exists. */
const ANY_COUNT = 1_000_000;

export function createImageStore(images: SimulatedImages): ImageStore {
  return images.kind === 'any' ? anyImages() : listedImages(images.kind === 'list' ? images.ids : []);
}

function anyImages(): ImageStore {
  const deleted = new Set<string>();
  return {
    get count() {
      return Math.max(ANY_COUNT - deleted.size, 0);
    },
    has: (id) => !deleted.has(id),
    delete(id) {
      if (deleted.has(id)) return false;
      deleted.add(id);
      return true;
    },
    list: () => [],
  };
}

function listedImages(ids: Iterable<string>): ImageStore {
  const left = new Set(ids);
  return {
    get count() {
      return left.size;
    },
    has: (id) => left.has(id),
    delete: (id) => left.delete(id),
    list(after, countMax) {
      const sorted = [...left].sort();
      const start = after === undefined ? 0 : sorted.findIndex((id) => id > after);
      return start === -1 ? [] : sorted.slice(start, start + countMax);
    },
  };
}
