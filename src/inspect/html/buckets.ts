import type { AnsweredTime } from '../../checkpoint/timeline/answers.ts';
import { ANSWERED_OUTCOMES, type AnsweredOutcome } from '../../domain/result-fields.ts';
import type { Series } from '../../report/html/page-data.ts';
import type { Latency } from '../../report/html/page-facts.ts';

const BUCKETS_MAX = 500;
/** With a few answers in each, a rate is one, and not whether there was an answer. */
const ANSWERS_PER_BUCKET = 5;
const BUCKETS_OF_FEW = 12;
/** With fewer a chart shows nothing. */
const BUCKETS_MIN = 3;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** Widths of a bucket that a person can read off an axis. */
const WIDTHS_MS: readonly number[] = [
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12, 24].map((hours) => hours * HOUR_MS),
];
const DAY_MS = 24 * HOUR_MS;

/** Bins of a histogram of durations: one for each millisecond up to 16, then 16 for each doubling, so none is off by more than 3 %. */
const BINS_PER_DOUBLING = 16;
const LOG_BINS_PER_DOUBLING = 4;
const DURATION_MS_MAX = 2 ** 24 - 1;
const BIN_COUNT = binOf(DURATION_MS_MAX) + 1;

/** Counts answers by time, and how long they took. However many there are, it takes the same memory: less than 1 MB. */
export class Buckets {
  readonly #startMs: number;
  readonly #widthMs: number;
  readonly #count: number;
  readonly #firstMs: number;
  readonly #lastMs: number;
  readonly #answered: Readonly<Record<AnsweredOutcome, Uint32Array>>;
  readonly #bins: Uint32Array;

  constructor({ firstMs, lastMs, count }: AnsweredTime) {
    const countMax = Math.min(Math.max(Math.floor(count / ANSWERS_PER_BUCKET), BUCKETS_OF_FEW), BUCKETS_MAX);
    const widthMs = WIDTHS_MS.find((width) => bucketsBetween(firstMs, lastMs, width) <= countMax);
    this.#firstMs = firstMs;
    this.#lastMs = lastMs;
    this.#widthMs = widthMs ?? Math.ceil((lastMs - firstMs) / (countMax - 1) / DAY_MS) * DAY_MS;
    this.#startMs = Math.floor(firstMs / this.#widthMs) * this.#widthMs;
    this.#count = bucketsBetween(firstMs, lastMs, this.#widthMs);
    this.#answered = {
      deleted: new Uint32Array(this.#count),
      absent: new Uint32Array(this.#count),
      failed: new Uint32Array(this.#count),
    };
    this.#bins = new Uint32Array(this.#count * BIN_COUNT);
  }

  add(atMs: number, outcome: AnsweredOutcome, durationMs: number): void {
    // A run at work may have gone on since the first and the last were asked for.
    const at = Math.min(Math.max(Math.floor((atMs - this.#startMs) / this.#widthMs), 0), this.#count - 1);
    const counts = this.#answered[outcome];
    counts[at] = (counts[at] ?? 0) + 1;
    const bin = at * BIN_COUNT + binOf(Math.min(durationMs, DURATION_MS_MAX));
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
  }

  /** @param other - of the same time */
  addAll(other: Buckets): void {
    for (const outcome of ANSWERED_OUTCOMES) addEach(this.#answered[outcome], other.#answered[outcome]);
    addEach(this.#bins, other.#bins);
  }

  series(): Omit<Series, 'spans'> | undefined {
    if (this.#count < BUCKETS_MIN) return undefined;
    const percentiles = (share: number): (number | null)[] =>
      Array.from({ length: this.#count }, (_, at) => percentile(this.#bins.subarray(at * BIN_COUNT, (at + 1) * BIN_COUNT), share) ?? null);
    return {
      startMs: this.#startMs,
      bucketMs: this.#widthMs,
      deleted: [...this.#answered.deleted],
      absent: [...this.#answered.absent],
      failed: [...this.#answered.failed],
      rate: Array.from({ length: this.#count }, (_, at) => this.#rate(at)),
      p50: percentiles(0.5),
      p95: percentiles(0.95),
      p99: percentiles(0.99),
    };
  }

  /** Of all requests together. */
  latency(): Latency | undefined {
    const all = new Uint32Array(BIN_COUNT);
    this.#bins.forEach((count, bin) => (all[bin % BIN_COUNT] = (all[bin % BIN_COUNT] ?? 0) + count));
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(all, share));
    return p50 === undefined || p95 === undefined || p99 === undefined ? undefined : { p50, p95, p99 };
  }

  /** When the last bucket with an answer before this time ends, as far as is known. */
  lastAnswerBefore(beforeMs: number): number | undefined {
    for (let at = Math.min(Math.ceil((beforeMs - this.#startMs) / this.#widthMs), this.#count) - 1; at >= 0; at--)
      if (this.#hasAnswers(at)) return Math.min(this.#startMs + (at + 1) * this.#widthMs, beforeMs);
    return undefined;
  }

  /** Times without any answer that last at least so long. */
  gaps(msMin: number): { readonly fromMs: number; readonly toMs: number }[] {
    const gaps: { readonly fromMs: number; readonly toMs: number }[] = [];
    let from = 0;
    for (let at = 0; at < this.#count; at++) {
      if (!this.#hasAnswers(at)) continue;
      if ((at - from) * this.#widthMs >= msMin)
        gaps.push({ fromMs: this.#startMs + from * this.#widthMs, toMs: this.#startMs + at * this.#widthMs });
      from = at + 1;
    }
    return gaps;
  }

  /** The first and the last bucket are used from the first and until the last answer. */
  #rate(at: number): number | null {
    const fromMs = this.#startMs + at * this.#widthMs;
    const usedMs = Math.min(fromMs + this.#widthMs, this.#lastMs) - Math.max(fromMs, this.#firstMs);
    return usedMs * 2 < this.#widthMs ? null : Math.round((this.#answeredIn(at) * 100_000) / usedMs) / 100;
  }

  #hasAnswers(at: number): boolean {
    return this.#answeredIn(at) > 0;
  }

  #answeredIn(at: number): number {
    return ANSWERED_OUTCOMES.reduce((sum, outcome) => sum + (this.#answered[outcome][at] ?? 0), 0);
  }
}

function bucketsBetween(firstMs: number, lastMs: number, widthMs: number): number {
  return Math.floor(lastMs / widthMs) - Math.floor(firstMs / widthMs) + 1;
}

function addEach(counts: Uint32Array, others: Uint32Array): void {
  others.forEach((count, at) => (counts[at] = (counts[at] ?? 0) + count));
}

function binOf(durationMs: number): number {
  if (durationMs < BINS_PER_DOUBLING) return Math.floor(durationMs);
  const exponent = 31 - Math.clz32(durationMs);
  const doubling = exponent - LOG_BINS_PER_DOUBLING;
  return (doubling + 1) * BINS_PER_DOUBLING + ((durationMs >> doubling) - BINS_PER_DOUBLING);
}

/** The middle of what a bin stands for. */
function durationOf(bin: number): number {
  if (bin < BINS_PER_DOUBLING) return bin;
  const doubling = Math.floor(bin / BINS_PER_DOUBLING) - 1;
  return (BINS_PER_DOUBLING + (bin % BINS_PER_DOUBLING) + 0.5) * 2 ** doubling - 0.5;
}

function percentile(bins: Uint32Array, share: number): number | undefined {
  const total = bins.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let left = Math.ceil(total * share);
  const bin = bins.findIndex((count) => (left -= count) <= 0);
  return Math.round(durationOf(bin));
}
