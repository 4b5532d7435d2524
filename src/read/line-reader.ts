import { isKnownColumn } from './form/column-names.ts';
import { CUT_OFF_REASON, type LastRow, mayBeCutOff, type RowReader, type RowSink } from './sink.ts';

export interface LineReaderOptions {
  readonly sink: RowSink;
  readonly lastRow: LastRow;
  /** A name of ID columns is a header that was joined to the list, and no ID. */
  readonly rejectsHeaders: boolean;
}

const LINE_END = /\r\n|\n|\r/;

/** One ID a line; blank lines and lines beginning with `# ` are no rows. */
export function createLineReader({ sink, lastRow, rejectsHeaders }: LineReaderOptions): RowReader {
  let line = 0;

  function read(text: string, isUnterminated: boolean): void {
    const lines = text.split(LINE_END);
    // What follows the last line end is empty, or the unterminated last line.
    if (!isUnterminated) lines.pop();
    lines.forEach((value, index) => {
      line++;
      if (value.trim() === '' || value.startsWith('# ')) return;
      const isLast = isUnterminated && index === lines.length - 1;
      if (isLast && lastRow === 'reject' && mayBeCutOff(value)) sink.reject(value, CUT_OFF_REASON, line);
      else if (rejectsHeaders && isKnownColumn(value)) sink.reject(value, 'a header of a list, and no ID', line);
      else sink.value(value, line);
    });
  }

  return { push: (text) => read(text, false), end: read };
}
