/** `2026-11-24 02:00:00`, in UTC: a page is read elsewhere than where it was written. */
export function utc(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
}
