import { UnsoundError } from '../file/sqlite-error.ts';
import { type HashSeed, hashOfKey } from '../find/hash-of-key.ts';
import type { IdKey } from './id-key.ts';

/**
 * The check of the whole file looks only at the form of its pages. An ID that is sent, or called deleted, must be exactly the one that
 * was accepted: each item has a sum of its number and its ID. Older formats have none; they have an index of IDs, so that each ID is in
 * the file twice, on pages far from each other, and the two are compared.
 */
export const SOUNDNESS = `item.sum AS sum,
  item.sum IS NULL AND EXISTS (SELECT 1 FROM item AS twin WHERE twin.id = item.id AND +twin.seq = item.seq) AS is_twin`;

/** @param row - with `seq`, `id` and {@link SOUNDNESS} */
export function refuseUnsound(row: Readonly<Record<string, unknown>>): void {
  const seq = Number(row['seq']);
  const isSound = row['sum'] === null ? row['is_twin'] === 1 : row['sum'] === itemSum(seq, row['id'] as IdKey);
  if (!isSound) throw new UnsoundError(`item ${seq} is not what was accepted`);
}

/** The same in every process. */
const SUM_SEED: HashSeed = { high: 0, low: 0 };

/** 32 bits, with a sign: so they take four bytes of a row. */
export function itemSum(seq: number, key: IdKey): number {
  return hashOfKey(key, SUM_SEED, seq) | 0;
}
