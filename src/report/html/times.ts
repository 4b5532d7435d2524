/**
 * `2026-11-24 02:00:00`, in UTC: a page is read elsewhere than where it was written. The browser's part (`src/page/`) has it too.
 *
 * @param isFine - with milliseconds
 */
export function utc(atMs: number, isFine = false): string {
  return new Date(atMs)
    .toISOString()
    .slice(0, isFine ? 23 : 19)
    .replace('T', ' ');
}
