import type { AccountAccess } from '../connect/account-access.ts';
import { ListStopped } from '../list/pages.ts';

/**
 * What the account's own count says; `undefined` where these credentials cannot read it.
 *
 * @throws {@link ListStopped} where the run was told to end
 */
export async function countImages(access: AccountAccess): Promise<number | undefined> {
  const stats = await access.askStats();
  if (stats === undefined) throw new ListStopped();
  access.giveUp.finalAnswer();
  return stats.kind === 'count' ? stats.current : undefined;
}
