import { seededRandom } from '../../src/simulator/random.ts';

/** Everything that is left to chance, from one seed. */
export interface Draw {
  /** A whole number from 0, smaller than `bound`. */
  below(bound: number): number;
  between(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  uuid(): string;
}

export function createDraw(seed: number): Draw {
  const random = seededRandom(seed);
  const below = (bound: number): number => Math.floor(random() * bound);
  return {
    below,
    between: (min, max) => min + below(max - min + 1),
    chance: (probability) => random() < probability,
    pick: <T>(from: readonly T[]) => from[below(from.length)] as T,
    uuid: () => {
      const hex = Array.from({ length: 32 }, () => below(16).toString(16)).join('');
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    },
  };
}
