import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

import { UserError } from '../domain/errors.ts';
import { brokenPacking, brokenSource, unreadableSource } from './broken.ts';
import type { ByteSource } from './bytes.ts';
import { bytesToTell, refuseBytes } from './form/no-list.ts';
import { countLines, linesOf } from './lines-of-bytes.ts';
import { shellPath } from '../text/shell-word.ts';

/** Where reading is, for the errors of whatever comes before text. */
export interface Place {
  readonly name: string;
  /** The 1-based line of the next byte. */
  line: number;
}

export const UTF8_BOM: Buffer = Buffer.from([0xef, 0xbb, 0xbf]);
/** No more is needed to tell a byte order mark. */
const BOM_BYTES = UTF8_BOM.length;

/**
 * Bytes as UTF-8 without the byte order mark at their beginning. UTF-16 announces itself by its own, and is transcoded. Throws (exit 2)
 * where the first bytes show that it is no text.
 */
export async function* utf8Chunks(source: ByteSource, place: Place): AsyncGenerator<Buffer> {
  const decode = await firstBytes(source, place);
  if (decode.head.length > 0) yield decode.head;
  for (let chunk = await nextChunk(source, place); chunk !== undefined; chunk = await nextChunk(source, place)) {
    yield decode.decoder === undefined ? chunk : transcode(decode.decoder, chunk, place);
  }
  if (decode.decoder !== undefined) yield transcode(decode.decoder, undefined, place);
}

/** What is decompressed may come a byte at a time. */
async function firstBytes(source: ByteSource, place: Place): Promise<{ head: Buffer; decoder: TextDecoder | undefined }> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < bytesToTell(head) || isBomBeginning(head)) {
    const chunk = await nextChunk(source, place);
    if (chunk === undefined) break;
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
  }
  refuseBytes(place.name, head);
  const decoder = utf16Decoder(head);
  if (decoder !== undefined) return { head: transcode(decoder, head, place), decoder };
  return { head: head.subarray(0, BOM_BYTES).equals(UTF8_BOM) ? head.subarray(BOM_BYTES) : head, decoder };
}

function isBomBeginning(head: Buffer): boolean {
  return head.length < BOM_BYTES && UTF8_BOM.subarray(0, head.length).equals(head);
}

/** `undefined` at the end. */
async function nextChunk(source: ByteSource, place: Place): Promise<Buffer | undefined> {
  try {
    const next = await source.chunks.next();
    return next.done === true ? undefined : next.value;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw source.compression === 'none'
      ? unreadableSource(place.name, error)
      : brokenPacking(place.name, source.compression, place.line - 1, error);
  }
}

function utf16Decoder(head: Buffer): TextDecoder | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le', { fatal: true });
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be', { fatal: true });
  return undefined;
}

function transcode(decoder: TextDecoder, bytes: Buffer | undefined, place: Place): Buffer {
  try {
    return Buffer.from(bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true }));
  } catch (error) {
    const before = Buffer.from(new TextDecoder(decoder.encoding).decode(bytes).split('\uFFFD', 1)[0] ?? '');
    throw brokenSource(place.name, place.line + countLines(before), 'it is not valid UTF-16 here or soon after', { cause: error });
  }
}

/** Throws (exit 5) with the line of what is no UTF-8. @param bytes - whole characters, the first of them at `place` */
export function checkUtf8(bytes: Buffer, place: Place): void {
  if (isUtf8(bytes)) return;
  for (const { start, end, number } of linesOf(bytes, place.line))
    if (!isUtf8(bytes.subarray(start, end))) throw notUtf8(place.name, number);
}

function notUtf8(name: string, line: number): UserError {
  return brokenSource(name, line, 'it is not valid UTF-8', {
    nextStep:
      'If it is Windows-1252 or Latin-1, write it as UTF-8:  ' +
      `iconv -f WINDOWS-1252 -t UTF-8 ${name === '-' ? 'FILE' : shellPath(name)} > ids.txt`,
  });
}
