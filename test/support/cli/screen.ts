import { Writable } from 'node:stream';

/** A terminal as far as a progress bar needs one: what stands on it after everything written so far. */
export interface Screen {
  readonly stream: NodeJS.WritableStream & { columns: number; rows: number };
  /** The lines on it, the empty ones at its end left out. */
  lines(): string[];
  /** Everything written, as it came. */
  written(): string;
}

export function createScreen(columns = 100, rows = 30): Screen {
  const grid: string[][] = [[]];
  let row = 0;
  let column = 0;
  let written = '';

  function put(character: string): void {
    const line = (grid[row] ??= []);
    while (line.length < column) line.push(' ');
    line[column++] = character;
  }

  function control(parameters: string, final: string): void {
    const count = Number(parameters === '' ? 1 : parameters);
    const line = (grid[row] ??= []);
    if (final === 'A') row = Math.max(row - count, 0);
    else if (final === 'B') row += count;
    else if (final === 'G') column = count - 1;
    else if (final === 'K') grid[row] = parameters === '2' ? [] : line.slice(0, column);
    else if (final === 'J') grid.splice(row, Infinity, line.slice(0, column));
    else if (!['m', 'h', 'l'].includes(final)) throw new Error(`the screen does not know ESC[${parameters}${final}`);
  }

  function write(text: string): void {
    written += text;
    // oxlint-disable-next-line no-control-regex -- what is looked for is a control sequence
    for (const [, parameters, final, character = ''] of text.matchAll(/\u001b\[\??([\d;]*)([A-Za-z])|([^])/gu)) {
      if (parameters !== undefined && final !== undefined) control(parameters, final);
      else if (character === '\n') [row, column] = [row + 1, 0];
      else if (character === '\r') column = 0;
      else put(character);
    }
  }

  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      write(String(chunk));
      done();
    },
  });
  return {
    stream: Object.assign(stream, { columns, rows }),
    lines() {
      const lines = Array.from(grid, (line) => (line ?? []).join('').trimEnd());
      while (lines.at(-1) === '') lines.pop();
      return lines;
    },
    written: () => written,
  };
}
