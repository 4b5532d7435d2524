import { TokenParser, Tokenizer, TokenType } from '@streamparser/json';

import { escapeForTerminal } from '../../text/escape.ts';
import { UserError } from '../../domain/errors.ts';
import { brokenSource } from '../broken.ts';
import { notAList, REFUSED_API_ANSWER } from '../form/no-list.ts';
import { JsonList, type JsonScalar } from './json-list.ts';
import type { RecordOptions } from './json-record.ts';
import { CR, LF } from '../lines-of-bytes.ts';
import type { RowSink } from '../sink.ts';
import { checkUtf8, type Place, UTF8_BOM } from '../utf8.ts';

/** A string, or white space, longer than this is broken structure. */
const PART_BYTES_MAX = 1024 * 1024;
/** Deeper, and it is no list: each level takes memory. */
const DEPTH_MAX = 1_000;
const ID_CHARACTERS_SHOWN = 80;

/** Reads JSON as a stream, one document after the other, in chunks that may be cut anywhere. */
export class JsonReader {
  readonly #place: Place;
  readonly #list: JsonList;
  readonly #tokenizer = new Tokenizer({ separator: '' });
  /** Holds the parts to the grammar, and keeps none of them. */
  readonly #grammar = new TokenParser({ paths: ['$.-.-.-.-.-.-.-'], keepStack: false, separator: '' });
  /** Bytes of a character whose rest is in the next chunk. */
  #carry: Buffer = Buffer.alloc(0);
  #chunk: Buffer = Buffer.alloc(0);
  /** Bytes before this chunk. */
  #bytesBefore = 0;
  #lastOffset = 0;
  /** In this chunk, the first line end after the last part; -1 where there is none. */
  #nextLineEnd = -1;
  #lastByte: number = LF;
  #isAfterMark = false;
  #lastId: string | undefined;

  constructor(place: Place, options: RecordOptions, sink: RowSink) {
    this.#place = place;
    const watched: RowSink = {
      value: (value, line) => {
        this.#lastId = value;
        sink.value(value, line);
      },
      reject: (raw, reason, line) => sink.reject(raw, reason, line),
      skip: () => sink.skip(),
    };
    this.#list = new JsonList(options, watched, (line) => this.#refuseAnswer(line));
    this.#grammar.onValue = () => undefined;
    this.#tokenizer.onToken = (part) => {
      this.#lastOffset = part.offset;
      this.#grammar.write(part);
      this.#take(part.token, part.value, part.offset);
    };
  }

  push(bytes: Buffer): void {
    const joined = this.#carry.length === 0 ? bytes : Buffer.concat([this.#carry, bytes]);
    const wholeLength = joined.length - startedCharacterLength(joined);
    this.#carry = joined.subarray(wholeLength);
    this.#chunk = this.#withoutMarks(joined.subarray(0, wholeLength));
    checkUtf8(this.#chunk, this.#place);
    this.#nextLineEnd = this.#chunk.indexOf(LF);
    this.#try(() => this.#tokenizer.write(this.#chunk));
    this.#countLinesTo(this.#chunk.length);
    this.#bytesBefore += wholeLength;
    if (this.#bytesBefore - this.#lastOffset > PART_BYTES_MAX + wholeLength)
      throw this.#broken(
        this.#lastOffset,
        `a value is longer than ${PART_BYTES_MAX} bytes, most often because a quote is opened and never closed`,
      );
  }

  end(): void {
    checkUtf8(this.#carry, this.#place);
    this.#chunk = Buffer.alloc(0);
    this.#try(() => {
      if (!this.#tokenizer.isEnded) this.#tokenizer.end();
      if (!this.#grammar.isEnded) this.#grammar.end();
    });
  }

  /** Files with byte order marks, joined by `cat`, have one at the beginning of a line, where no string of JSON goes on. */
  #withoutMarks(bytes: Buffer): Buffer {
    let blanked = bytes;
    /** Where the last mark that was taken away ended. */
    let end = this.#isAfterMark ? 0 : -1;
    for (let at = bytes.indexOf(UTF8_BOM); at !== -1; at = bytes.indexOf(UTF8_BOM, at + UTF8_BOM.length)) {
      const before = at === 0 ? this.#lastByte : bytes[at - 1];
      if (at !== end && before !== LF && before !== CR) continue;
      if (blanked === bytes) blanked = Buffer.from(bytes);
      end = at + UTF8_BOM.length;
      // As long as before, so that places in it stay.
      blanked.fill(' ', at, end);
    }
    this.#isAfterMark = end === bytes.length;
    this.#lastByte = bytes.at(-1) ?? this.#lastByte;
    return blanked;
  }

  #take(token: TokenType, value: JsonScalar, offset: number): void {
    switch (token) {
      case TokenType.LEFT_BRACE:
      case TokenType.LEFT_BRACKET:
        if (this.#list.depth >= DEPTH_MAX) throw this.#broken(offset, `it is nested deeper than ${DEPTH_MAX} levels`);
        return this.#list.begin(token === TokenType.LEFT_BRACE, this.#lineAt(offset));
      case TokenType.RIGHT_BRACE:
      case TokenType.RIGHT_BRACKET:
        return this.#list.end();
      case TokenType.STRING:
      case TokenType.NUMBER:
      case TokenType.TRUE:
      case TokenType.FALSE:
      case TokenType.NULL:
        return this.#list.scalar(value, this.#list.isInList || this.#list.depth === 0 ? this.#lineAt(offset) : 0);
      case TokenType.COLON:
      case TokenType.COMMA:
      case TokenType.SEPARATOR:
        return;
    }
  }

  /** A part that began in an earlier chunk has no line end in it. */
  #lineAt(offset: number): number {
    this.#countLinesTo(offset - this.#bytesBefore);
    return this.#place.line;
  }

  #countLinesTo(index: number): void {
    while (this.#nextLineEnd !== -1 && this.#nextLineEnd < index) {
      this.#place.line++;
      this.#nextLineEnd = this.#chunk.indexOf(LF, this.#nextLineEnd + 1);
    }
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof UserError || !(error instanceof Error)) throw error;
      const isCut = this.#chunk.length === 0;
      // The tokenizer says it in words alone; the grammar fails at the last part.
      const at = isCut ? this.#bytesBefore : Number(/absolute position "(\d+)"/.exec(error.message)?.[1] ?? this.#lastOffset);
      throw this.#broken(at, isCut ? 'its JSON ends in the middle' : 'it is no JSON from here on', error);
    }
  }

  #broken(offset: number, what: string, cause?: Error): UserError {
    const last =
      this.#lastId === undefined
        ? 'no ID stands before it'
        : `the last ID before it is "${escapeForTerminal(this.#lastId.slice(0, ID_CHARACTERS_SHOWN))}"`;
    return brokenSource(this.#place.name, this.#lineAt(offset), `byte ${offset + 1}: ${what} (${last})`, {
      nextStep: 'If each line is an ID and no JSON: --format lines',
      ...(cause === undefined ? {} : { cause }),
    });
  }

  /** A list whose next page is an error is not whole. */
  #refuseAnswer(line: number): never {
    if (this.#lastId === undefined) throw notAList(this.#place.name, line, REFUSED_API_ANSWER);
    throw brokenSource(this.#place.name, line, `this is ${REFUSED_API_ANSWER.what}, so the list is not whole`);
  }
}

const CONTINUATION = 0x80;
const CHARACTER_BYTES_MAX = 4;

/** How many bytes at the end are the beginning of a character that goes on in the next chunk. */
function startedCharacterLength(bytes: Buffer): number {
  for (let length = 1; length < CHARACTER_BYTES_MAX && length <= bytes.length; length++) {
    const byte = bytes[bytes.length - length] ?? 0;
    if ((byte & 0xc0) === CONTINUATION) continue;
    const characterLength = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return characterLength > length ? length : 0;
  }
  return 0;
}
