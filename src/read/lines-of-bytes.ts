export const LF = 0x0a;
export const CR = 0x0d;

/** Where a line lies, its end left out. */
export interface ByteLine {
  readonly start: number;
  readonly end: number;
  readonly number: number;
}

/** Where each line begins and ends, without its line end. Line ends: LF, CRLF, or CR alone. */
export function* linesOf(bytes: Buffer, firstLine: number): Generator<ByteLine> {
  let [lf, cr] = [-1, -1];
  // Looked for again only once passed: where one of them is rare, each search goes far.
  const next = (byte: number, known: number, start: number): number => {
    if (known >= start) return known;
    const found = bytes.indexOf(byte, start);
    return found === -1 ? bytes.length : found;
  };
  for (let [start, number] = [0, firstLine]; start < bytes.length; number++) {
    lf = next(LF, lf, start);
    cr = next(CR, cr, start);
    const end = Math.min(lf, cr);
    yield { start, end, number };
    start = end + (bytes[end] === CR && bytes[end + 1] === LF ? 2 : 1);
  }
}

export function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count++;
  for (let at = bytes.indexOf(CR); at !== -1; at = bytes.indexOf(CR, at + 1)) if (bytes[at + 1] !== LF) count++;
  return count;
}
