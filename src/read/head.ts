import { brokenSource } from './broken.ts';
import { chained } from './chained.ts';
import { RECORD_CHARACTERS_MAX } from './form/csv-form.ts';
import { isHeadEnough } from './form/detect.ts';
import { jsonVerdict } from './form/json-form.ts';
import type { FormOptions } from './source.ts';
import { blankLines, type TextPiece } from './text-pieces.ts';

/** Whether a source is JSON, and all of its bytes, those that were looked at first. */
export interface PeekedForm {
  readonly isJson: boolean;
  readonly chunks: AsyncGenerator<Buffer>;
}

/** JSON may be one line, however long it is: whether it is must be known before lines are sought. */
export async function peekForm(chunks: AsyncGenerator<Buffer>, name: string, options: FormOptions): Promise<PeekedForm> {
  if (options.format !== 'auto' || options.skipLines > 0) return { isJson: false, chunks };
  const head: Buffer[] = [];
  let bytesCount = 0;
  for (let bytesWanted = 1; ;) {
    const next = await chunks.next();
    if (next.done !== true) {
      head.push(next.value);
      bytesCount += next.value.length;
      if (bytesCount < bytesWanted && !next.value.includes('\n')) continue;
    }
    const verdict = jsonVerdict(name, Buffer.concat(head).toString(), next.done === true);
    if (verdict !== 'more') return { isJson: verdict === 'json', chunks: chained(head, next.done === true ? undefined : chunks) };
    // What comes a byte at a time is looked at again only when there is twice as much of it.
    bytesWanted = bytesCount * 2;
  }
}

/** A source's first pieces of text. */
export interface Head {
  readonly pieces: readonly TextPiece[];
  readonly text: string;
  /** `undefined` where the head is all there is. */
  readonly rest: AsyncGenerator<TextPiece> | undefined;
  /** Its first line that is not blank left blank. */
  withoutFirstLine(): Pick<Head, 'pieces' | 'text'>;
}

/** Blank lines at the beginning are kept until the form is known; there may be gigabytes of them in a small packed file. */
const BLANK_CHARACTERS_MAX = 1024 * 1024;

/** Pieces up to where they tell the form, however they are cut. */
export async function readHead(rest: AsyncGenerator<TextPiece>, name: string, options: FormOptions): Promise<Head> {
  const pieces: TextPiece[] = [];
  let blankCharacters = 0;
  let text = '';
  let charactersWanted = 0;
  for (;;) {
    const next = await rest.next();
    if (next.done === true) return headOf(pieces, undefined);
    const piece = next.value;
    pieces.push(piece);
    if (piece.isLast) return headOf(pieces, undefined);
    if (text === '' && piece.text.trim() === '') {
      blankCharacters += piece.text.length;
      if (blankCharacters > BLANK_CHARACTERS_MAX)
        throw brokenSource(name, 1, `it begins with more than ${BLANK_CHARACTERS_MAX} blank characters`);
      continue;
    }
    text += piece.text;
    if (text.length < charactersWanted) continue;
    if (text.length > RECORD_CHARACTERS_MAX || isHeadEnough(text, options)) return headOf(pieces, rest);
    // Looked at again only when there is a good deal more: an open quote may be followed by a megabyte of short pieces.
    if (text.length > SMALL_CHARACTERS) charactersWanted = text.length * 2;
  }
}

/** So little text is looked at after every piece, for pipes that are slow. */
const SMALL_CHARACTERS = 4_096;

function headOf(pieces: readonly TextPiece[], rest: AsyncGenerator<TextPiece> | undefined): Head {
  const text = pieces.map((piece) => piece.text).join('');
  return {
    pieces,
    text,
    rest,
    withoutFirstLine() {
      const blankLength = text.search(/\S/);
      const lineCount = text.slice(0, blankLength).split(/\r\n|\n|\r/).length;
      let left = lineCount;
      const kept = pieces.map((piece) => {
        const blanked = blankLines(piece.text, left);
        left = blanked.left;
        return { ...piece, text: blanked.text, isUnterminated: piece.isUnterminated && /[^\r\n]$/.test(blanked.text) };
      });
      return { pieces: kept, text: kept.map((piece) => piece.text).join('') };
    },
  };
}
