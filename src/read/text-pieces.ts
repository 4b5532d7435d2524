import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

import { brokenSource, unreadableSource } from './broken.ts';
import type { ByteSource } from './bytes.ts';

/** Text that ends at a line end, or is the source's last. */
export interface TextPiece {
  readonly text: string;
  readonly isLast: boolean;
  /** The last row has no line end. */
  readonly isUnterminated: boolean;
}

/** A line longer than this is broken structure, in every form. */
export const LINE_BYTES_MAX: number = 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Decodes bytes into pieces of whole lines; text that is no valid UTF-8 or UTF-16 throws with its line. */
export async function* textPieces(source: ByteSource, name: string): AsyncGenerator<TextPiece> {
  let carry: Buffer = Buffer.alloc(0);
  let lineNumber = 1;
  let isFirst = true;
  const chunks = utf8Chunks(source, name, () => lineNumber);
  for await (const chunk of chunks) {
    let bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    if (isFirst) {
      if (bytes.length < UTF8_BOM.length) {
        carry = bytes;
        continue;
      }
      isFirst = false;
      if (bytes.subarray(0, UTF8_BOM.length).equals(UTF8_BOM)) bytes = bytes.subarray(UTF8_BOM.length);
    }
    if (bytes.length > LINE_BYTES_MAX) checkLineLengths(bytes, name, lineNumber);
    const end = endOfLastLine(bytes);
    carry = bytes.subarray(end);
    if (end === 0) continue;
    const whole = bytes.subarray(0, end);
    checkUtf8(whole, name, lineNumber);
    lineNumber += countLines(whole);
    yield { text: whole.toString(), isLast: false, isUnterminated: false };
  }
  if (carry.subarray(0, UTF8_BOM.length).equals(UTF8_BOM) && isFirst) carry = carry.subarray(UTF8_BOM.length);
  checkUtf8(carry, name, lineNumber);
  yield { text: carry.toString(), isLast: true, isUnterminated: carry.length > 0 && carry.at(-1) !== CR && carry.at(-1) !== LF };
}

/** Bytes as UTF-8; UTF-16 announces itself by its byte order mark and is transcoded. */
async function* utf8Chunks(source: ByteSource, name: string, lineNumber: () => number): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined;
  let isFirst = true;
  /** What is decompressed may come a byte at a time, and a byte order mark has two. */
  let head: Buffer = Buffer.alloc(0);
  for (;;) {
    const next = await source.chunks.next().catch((error: unknown) => {
      throw source.compression === 'none'
        ? unreadableSource(name, error)
        : brokenSource(name, lineNumber(), `its ${source.compression} data is broken or cut short`, error);
    });
    if (next.done === true) break;
    const chunk = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
    if (isFirst && chunk.length < 2) {
      head = chunk;
      continue;
    }
    if (isFirst) decoder = utf16Decoder(chunk);
    isFirst = false;
    head = Buffer.alloc(0);
    yield decoder === undefined ? chunk : transcode(decoder, chunk, name, lineNumber);
  }
  if (head.length > 0) yield head;
  if (decoder !== undefined) yield transcode(decoder, undefined, name, lineNumber);
}

function utf16Decoder(head: Buffer): TextDecoder | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le', { fatal: true });
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be', { fatal: true });
  return undefined;
}

function transcode(decoder: TextDecoder, bytes: Buffer | undefined, name: string, lineNumber: () => number): Buffer {
  try {
    return Buffer.from(bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true }));
  } catch (error) {
    const before = Buffer.from(new TextDecoder(decoder.encoding).decode(bytes).split('\uFFFD', 1)[0] ?? '');
    throw brokenSource(name, lineNumber() + countLines(before), 'it is not valid UTF-16 here or soon after', error);
  }
}

/** After the last line end; a CR at the very end may be half of a CRLF and is kept back. */
function endOfLastLine(bytes: Buffer): number {
  const searchEnd = bytes.at(-1) === CR ? bytes.length - 1 : bytes.length;
  return Math.max(bytes.lastIndexOf(LF), searchEnd === 0 ? -1 : bytes.lastIndexOf(CR, searchEnd - 1)) + 1;
}

function checkUtf8(bytes: Buffer, name: string, firstLine: number): void {
  if (isUtf8(bytes)) return;
  for (const { start, end, number } of linesOf(bytes, firstLine)) {
    if (!isUtf8(bytes.subarray(start, end))) throw brokenSource(name, number, 'it is not valid UTF-8');
  }
}

function checkLineLengths(bytes: Buffer, name: string, firstLine: number): void {
  for (const { start, end, number } of linesOf(bytes, firstLine)) {
    if (end - start > LINE_BYTES_MAX) throw brokenSource(name, number, `a line is longer than ${LINE_BYTES_MAX} bytes`);
  }
}

/** Where each line begins and ends, without its line end. */
function* linesOf(bytes: Buffer, firstLine: number): Generator<{ readonly start: number; readonly end: number; readonly number: number }> {
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

/** Line ends: LF, CRLF, or CR alone. */
function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count++;
  for (let at = bytes.indexOf(CR); at !== -1; at = bytes.indexOf(CR, at + 1)) if (bytes[at + 1] !== LF) count++;
  return count;
}
