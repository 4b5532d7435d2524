import type { RunCounts } from '../domain/summary.ts';

/** What this run has done so far; counted where it happens, read by records, progress and summary. */
export interface RunCounters {
  deleted: number;
  absent: number;
  failed: number;
  /** What was said of images that a dry run asked for. */
  readonly asked: { there: number; gone: number; unclear: number };
  /** Those for stats and tokens too. */
  requests: number;
  retries: number;
  throttled: number;
  inFlight: number;
  /** Images written to the backup. */
  saved: number;
  /** When the last deletion was answered, in milliseconds since 1970; `undefined` where this run has deleted nothing yet. */
  lastDeletedAtMs: number | undefined;
  /** Monotonic; of the run, or of its sending once a person has been asked. */
  startedMs: number;
}

export function createCounters(startedMs: number): RunCounters {
  return {
    deleted: 0,
    absent: 0,
    failed: 0,
    asked: { there: 0, gone: 0, unclear: 0 },
    requests: 0,
    retries: 0,
    throttled: 0,
    inFlight: 0,
    saved: 0,
    lastDeletedAtMs: undefined,
    startedMs,
  };
}

export function toRunCounts(counters: RunCounters, nowMs: number): RunCounts {
  const { deleted, absent, failed, requests, retries, throttled } = counters;
  const elapsedMs = Math.round(nowMs - counters.startedMs);
  const answered = deleted + absent + failed;
  const ratePerSecond = elapsedMs === 0 ? 0 : Math.round((answered * 100_000) / elapsedMs) / 100;
  return { deleted, absent, failed, requests, retries, throttled, elapsedMs, ratePerSecond };
}
