import type { Exchange } from '../cloudflare/types.ts';
import type { PagesOptions } from './pages.ts';

type Access = PagesOptions['access'];

/**
 * The earlier of this machine's time and the API's, as the pages of a list tell it: where one clock is ahead, an image would look older
 * than it is.
 *
 * @param localMs - milliseconds since 1970
 */
export function withServerTime(account: Access, localMs: number): { readonly access: Access; readonly nowMs: () => number } {
  let earliestMs = localMs;
  const noteTime = (exchange: Exchange): Exchange => {
    const toldMs = exchange.kind === 'answer' ? Date.parse(exchange.date ?? '') : Number.NaN;
    if (!Number.isNaN(toldMs)) earliestMs = Math.min(earliestMs, toldMs);
    return exchange;
  };
  const reader = { ...account.reader, listImages: async (query: string) => noteTime(await account.reader.listImages(query)) };
  return { access: { ...account, reader }, nowMs: () => earliestMs };
}
