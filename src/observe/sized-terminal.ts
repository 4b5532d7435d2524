import { Writable } from 'node:stream';

const COLUMNS_UNKNOWN = 80;
const ROWS_UNKNOWN = 24;

/** A terminal that always has a size. Some report 0 columns or 0 rows at first, and nothing would be drawn. */
export class SizedTerminal extends Writable {
  readonly isTTY: boolean;
  readonly #stream: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

  constructor(stream: NodeJS.WritableStream) {
    super({ decodeStrings: false });
    this.#stream = stream;
    this.isTTY = this.#stream.isTTY === true;
  }

  get columns(): number {
    return positive(this.#stream.columns) ?? COLUMNS_UNKNOWN;
  }

  get rows(): number {
    return positive(this.#stream.rows) ?? ROWS_UNKNOWN;
  }

  override _write(text: string, _encoding: BufferEncoding, done: () => void): void {
    this.#stream.write(text);
    done();
  }
}

function positive(count: number | undefined): number | undefined {
  return count !== undefined && count > 0 ? count : undefined;
}
