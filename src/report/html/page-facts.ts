import type { ListedOutcome } from '../../domain/outcome.ts';
import type { ReportRecord } from '../../domain/record.ts';
import type { FailureKind, PurgeFacts, RunEnd } from '../../domain/summary.ts';
import type { Series, SpanKind } from './page-data.ts';

/** All that a page tells. */
export interface PageFacts {
  readonly purge: PurgeFacts;
  readonly lastEnd: RunEnd | undefined;
  readonly isRunning: boolean;
  readonly checkpointPaths: readonly string[];
  /** `0/4` … of shards that are not among them. */
  readonly missingShards: readonly string[];
  readonly writtenAtMs: number;
  /** USD a month for 100,000 stored images. */
  readonly price: number;
  readonly failureKinds: readonly FailureKind[];
  readonly timeline: Timeline;
  readonly table: PageTable;
}

/** The IDs that the page names one by one. */
export interface PageTable {
  readonly outcomes: readonly ListedOutcome[];
  readonly records: readonly ReportRecord[];
  /** Of these outcomes, those that the page does not name too. */
  readonly totalCount: number;
}

export interface Timeline {
  /** Of the first and the last answer; `undefined`: nothing was answered. */
  readonly answered: { readonly firstMs: number; readonly lastMs: number } | undefined;
  /** `undefined`: too little, or in too short a time, for a chart. */
  readonly series: Omit<Series, 'spans'> | undefined;
  readonly latency: Latency | undefined;
  readonly spans: readonly Span[];
  /** `false`: an older version has written at least one of the checkpoints, and throttles, outages and ends of runs are not on record. */
  readonly isRecorded: boolean;
  /** At the end of a long run, throttles and outages were not kept any more. */
  readonly isCut: boolean;
  readonly runs: readonly Run[];
}

/** Milliseconds, of all requests that gave an ID its outcome. */
export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Span {
  readonly kind: SpanKind;
  readonly fromMs: number;
  readonly toMs: number;
  /** `all`, `account`, or a batch token's number. */
  readonly lane: string;
  /** How many of them followed each other without a break. */
  readonly times: number;
}

export interface Run {
  readonly beganMs: number;
  readonly endedMs: number;
  /** It did not write that it ended: it was killed, or is at work. */
  readonly hasEnded: boolean;
}
