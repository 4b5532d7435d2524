import { UnsoundError } from '../file/sqlite-error.ts';

/**
 * Each ID is in the file twice, in the table `item` and in its index, on pages far from each other. The check of the whole file looks
 * only at their form. This compares the two: an ID that is sent, or called deleted, must be exactly the one that was accepted.
 */
export const IS_SOUND: string =
  'EXISTS (SELECT 1 FROM item AS twin INDEXED BY sqlite_autoindex_item_1 WHERE twin.id = item.id AND twin.seq = item.seq)';

/** @param row - with `seq`, and {@link IS_SOUND} as `is_sound` */
export function refuseUnsound(row: Readonly<Record<string, unknown>>): void {
  if (row['is_sound'] !== 1) throw new UnsoundError(`item ${Number(row['seq'])} is not what was accepted`);
}
