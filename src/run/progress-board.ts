import type { CheckpointFacts } from '../checkpoint/facts.ts';
import type { Clock } from '../domain/clock.ts';
import type { ProgressSnapshot, SweepProgress } from '../observe/events.ts';
import { createRateMeter } from '../observe/rate-meter.ts';
import type { Lanes } from '../pace/lanes.ts';
import type { RunCounters } from './counters.ts';

/** What the bar and the log lines look at; the run writes it, they read it. */
export interface ProgressBoard {
  phase: ProgressSnapshot['phase'];
  isIntakeComplete: boolean;
  rows: number;
  accepted: number;
  lanes: Lanes | undefined;
  sweep: (() => SweepProgress) | undefined;
}

/** @param before - outcomes of earlier runs; this run's are added from `counters` */
export function createProgress(
  clock: Clock,
  counters: RunCounters,
  before: CheckpointFacts['outcomes'],
  board: ProgressBoard,
): () => ProgressSnapshot {
  const meter = createRateMeter(() => clock.monotonicMs());
  let meteredCount = 0;
  return () => {
    const { there, gone, unclear } = counters.asked;
    const answered = counters.deleted + counters.absent + counters.failed + there + gone + unclear;
    meter.add(answered - meteredCount);
    meteredCount = answered;
    const done = before.deleted + before.absent + before.failed + answered;
    const perSecond = meter.perSecond();
    const left = board.accepted - done;
    return {
      phase: board.phase,
      isIntakeComplete: board.isIntakeComplete,
      rows: board.rows,
      total: board.accepted,
      done,
      deleted: before.deleted + counters.deleted,
      absent: before.absent + counters.absent,
      failed: before.failed + counters.failed,
      inFlight: counters.inFlight,
      requests: counters.requests,
      retries: counters.retries,
      throttled: counters.throttled,
      perSecond,
      etaMs: perSecond > 0 && board.isIntakeComplete ? (left * 1000) / perSecond : undefined,
      lanes: board.lanes?.states() ?? [],
      sweep: board.sweep?.(),
    };
  };
}
