import type { VerifyMethod } from './verify-request.ts';

/** Images of a page of the list. */
const PER_PAGE = 1_000;

/**
 * How the account is asked with the fewest requests.
 *
 * @param goneCount - IDs to look for
 * @param imageCount - of the account; `undefined` where it is not known: then one page of the list is as much as can be hoped for
 */
export function methodFor(goneCount: number, imageCount: number | undefined): VerifyMethod {
  const pageCount = Math.ceil((imageCount ?? 0) / PER_PAGE);
  return goneCount < Math.max(pageCount, 1) ? 'single' : 'list';
}
