/** What the script of the page is given, as JSON. Types alone: they are read by the browser's part (`src/page/`) as well. */

export interface PageData {
  /** `null`: there is nothing to draw. */
  readonly series: Series | null;
  readonly rows: readonly TableRow[];
}

/** What was answered, by time. */
export interface Series {
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly bucketMs: number;
  /** IDs in each bucket. */
  readonly deleted: readonly number[];
  readonly absent: readonly number[];
  readonly failed: readonly number[];
  /** IDs a second; `null` where the first or the last bucket was used for less than half of its time. */
  readonly rate: readonly (number | null)[];
  /** Milliseconds that half of the requests in a bucket took at most; `null` where there were none. */
  readonly p50: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
  readonly p99: readonly (number | null)[];
  readonly spans: readonly ShownSpan[];
}

/** `idle`: no run was at work. `gap`: nothing was answered, and why is not on record. */
export type SpanKind = 'throttle' | 'outage' | 'refusal' | 'idle' | 'gap';

export interface ShownSpan {
  readonly kind: SpanKind;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Texts are ready to be shown: what cannot be seen is escaped. */
export type TableRow = readonly [
  id: string,
  outcome: string,
  status: number | null,
  code: string,
  message: string,
  attempts: number | null,
  atMs: number | null,
  source: string,
  line: number,
];
