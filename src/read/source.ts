/** A place IDs come from. */
export type SourceRef =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdin'; readonly stream: NodeJS.ReadableStream }
  /** From a program: each value is one row, numbered from 1. */
  | { readonly kind: 'values'; readonly values: AsyncIterable<string> | Iterable<string> };

/** How a person said the sources are to be read; part of what makes two sources the same. */
export interface FormOptions {
  readonly format: 'auto' | 'csv' | 'lines' | 'ndjson';
  /** A header name, a 1-based position (for CSV), or an NDJSON field. `undefined`: found from the content. */
  readonly column: string | undefined;
  readonly noHeader: boolean;
  /** One character; `undefined`: found from the content. */
  readonly delimiter: string | undefined;
  /** What encloses CSV fields: one character, or `none`; `undefined`: by the source's name. */
  readonly quote: string | undefined;
  /** Lines at the beginning that are no rows, whatever they hold. */
  readonly skipLines: number;
  /** What becomes of a last row without a line end; `by-source`: a pipe's is rejected, a file's is taken with a warning. */
  readonly lastLine: 'by-source' | 'accept' | 'reject';
  /** Values are IDs exactly as they stand: none is rejected for its looks. */
  readonly literal: boolean;
  /** Rows of a report of images-purge are taken where their IDs are not done; else each of them is passed over. */
  readonly takesReports: boolean;
}

/** Read by detection alone. */
export const BY_DETECTION: FormOptions = {
  format: 'auto',
  column: undefined,
  noHeader: false,
  delimiter: undefined,
  quote: undefined,
  skipLines: 0,
  lastLine: 'by-source',
  literal: false,
  takesReports: true,
};

export interface RejectedRow {
  readonly raw: string;
  readonly reason: string;
  readonly line: number;
}

/** Rows as they were read, in columns because there may be ten million: `values[i]` was found on `lines[i]`. */
export interface RowBatch {
  readonly values: readonly string[];
  readonly lines: readonly number[];
  readonly rejected: readonly RejectedRow[];
  /** Rows passed over on purpose: report lines of IDs that are done. */
  readonly skippedCount: number;
}

/** What a source turned out to be. */
export interface DetectedForm {
  readonly format: 'csv' | 'lines' | 'ndjson' | 'json' | 'empty';
  readonly compression: 'none' | 'gzip' | 'zstd';
  /** CSV: 0-based position of the ID column. */
  readonly columnIndex: number | undefined;
  readonly columnName: string | undefined;
  readonly hasHeader: boolean;
  readonly delimiter: string | undefined;
  readonly quote: string | undefined;
}

/** Of lines, or JSON: nothing of CSV. */
export const NO_COLUMNS: Omit<DetectedForm, 'format' | 'compression'> = {
  columnIndex: undefined,
  columnName: undefined,
  hasHeader: false,
  delimiter: undefined,
  quote: undefined,
};

export interface SourceDigest {
  readonly sizeBytes: number;
  /** Of the bytes as stored, before decompression. */
  readonly sha256: Uint8Array;
}

/** A source whose form and column are known; reading it once to its end yields every row. */
export interface OpenedSource {
  /** The path as given, `-` for standard input. */
  readonly name: string;
  readonly form: DetectedForm;
  /** Batches of up to {@link ROWS_PER_BATCH} rows. Throws a `UserError` (exit 5) where the structure is broken. */
  batches(): AsyncIterable<RowBatch>;
  /** Known once `batches()` has reached its end. */
  digest(): SourceDigest;
  /** What a person should know although nothing failed: an empty source, a last row without a line end. */
  warnings(): readonly string[];
  close(): Promise<void>;
}

/** Enough rows that a batch's overhead vanishes, few enough that they stay in the young generation. */
export const ROWS_PER_BATCH = 4_000;
