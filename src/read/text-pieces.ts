import { brokenSource } from './broken.ts';
import { countLines, CR, LF, linesOf } from './lines-of-bytes.ts';
import { checkUtf8, type Place } from './utf8.ts';

/** Text that ends at a line end, or is the source's last. */
export interface TextPiece {
  readonly text: string;
  readonly isLast: boolean;
  /** The last row has no line end. */
  readonly isUnterminated: boolean;
}

/** A line longer than this is broken structure, in every form of lines. */
export const LINE_BYTES_MAX: number = 1024 * 1024;

const BOM = '\uFEFF';

/** Cuts UTF-8 into pieces of whole lines; text that is no valid UTF-8 throws with its line. */
export async function* textPieces(chunks: AsyncGenerator<Buffer>, place: Place): AsyncGenerator<TextPiece> {
  let carry: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    if (bytes.length > LINE_BYTES_MAX) checkLineLengths(bytes, place);
    const end = endOfLastLine(bytes);
    carry = bytes.subarray(end);
    if (end === 0) continue;
    const whole = bytes.subarray(0, end);
    checkUtf8(whole, place);
    place.line += countLines(whole);
    yield { text: withoutMarks(whole.toString()), isLast: false, isUnterminated: false };
  }
  checkUtf8(carry, place);
  const text = withoutMarks(carry.toString());
  yield { text, isLast: true, isUnterminated: text !== '' && !/[\r\n]$/.test(text) };
}

/** Files with byte order marks, joined by `cat`, have one at the beginning of a line; it would be a part of that line's ID. */
function withoutMarks(text: string): string {
  return text.includes(BOM) ? text.replaceAll(/(^|[\r\n])\uFEFF+/g, '$1') : text;
}

/** After the last line end; a CR at the very end may be half of a CRLF and is kept back. */
function endOfLastLine(bytes: Buffer): number {
  const searchEnd = bytes.at(-1) === CR ? bytes.length - 1 : bytes.length;
  return Math.max(bytes.lastIndexOf(LF), searchEnd === 0 ? -1 : bytes.lastIndexOf(CR, searchEnd - 1)) + 1;
}

function checkLineLengths(bytes: Buffer, place: Place): void {
  for (const { start, end, number } of linesOf(bytes, place.line)) {
    if (end - start > LINE_BYTES_MAX) throw brokenSource(place.name, number, `a line is longer than ${LINE_BYTES_MAX} bytes`);
  }
}

/** The same text with its first lines left blank, so that those below keep their numbers. */
export async function* withBlankLines(pieces: AsyncIterable<TextPiece>, count: number): AsyncGenerator<TextPiece> {
  let left = count;
  for await (const piece of pieces) {
    if (left === 0) yield piece;
    else {
      const blanked = blankLines(piece.text, left);
      left = blanked.left;
      yield { ...piece, text: blanked.text, isUnterminated: piece.isUnterminated && left === 0 };
    }
  }
}

/** @returns the text, its first lines left blank, and how many of `count` it did not have */
export function blankLines(text: string, count: number): { readonly text: string; readonly left: number } {
  const ends = /\r\n|\n|\r/g;
  let [kept, at, left] = ['', 0, count];
  for (; left > 0 && at < text.length; left--) {
    const end = ends.exec(text);
    // Not the end that is there: a CR and a LF that end two lines would be one end.
    if (end !== null) kept += '\n';
    at = end === null ? text.length : ends.lastIndex;
  }
  return { text: kept + text.slice(at), left };
}
