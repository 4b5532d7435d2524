import type { LaneUse, RecordedPermits } from '../checkpoint/permits.ts';
import type { Clock } from '../domain/clock.ts';
import type { Rate } from '../domain/rate.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LaneName } from '../domain/lane.ts';
import type { Lane } from '../pace/types.ts';
import type { RecordReservation, Used } from '../pace/quota/reservations.ts';

/** Keeps on record what earlier runs used of a lane's quota, and what this run is about to use. */
export interface PermitMemory {
  /** Requests of earlier runs, oldest first, at times of this run's monotonic clock. */
  readonly remembered: (lane: LaneName) => { readonly atMs: number; readonly count: number }[];
  readonly recordReservationFor: (lane: LaneName, rate: Rate) => RecordReservation;
  /** What the lanes used of their last reservations, to be written at the end of the run. */
  readonly usedOf: (lanes: readonly Lane[]) => LaneUse[];
}

/** Longer than any window that a user is likely to change to between two runs. */
const KEPT_MS_MIN = 600_000;

/** For a command without a checkpoint: nothing is remembered, and nothing is kept for the next run. */
export const NO_PERMIT_MEMORY: PermitMemory = {
  remembered: () => [],
  recordReservationFor: () => () => Promise.resolve(),
  usedOf: () => [],
};

export function createPermitMemory(ledger: Ledger, clock: Clock, recorded: readonly RecordedPermits[]): PermitMemory {
  function toRecorded(lane: LaneName, count: number, atMs: number): RecordedPermits {
    const fromNowMs = Math.round(atMs - clock.monotonicMs());
    const boot = clock.boot();
    return {
      lane: String(lane),
      atWallMs: Math.round(clock.wallMs()) + fromNowMs,
      atBootMs: boot === undefined ? undefined : Math.round(boot.uptimeMs) + fromNowMs,
      bootId: boot?.id,
      count,
    };
  }

  const usedRecord = (lane: LaneName, used: Used | undefined): RecordedPermits | undefined =>
    used === undefined || used.count === 0 ? undefined : toRecorded(lane, used.count, used.byMs);

  return {
    remembered(lane) {
      const nowMs = clock.monotonicMs();
      return recorded
        .filter((permits) => permits.lane === String(lane))
        .map((permits) => ({ atMs: nowMs - ageMs(permits, clock), count: permits.count }));
    },
    recordReservationFor(lane, rate) {
      const keptMs = Math.max(rate.kind === 'unlimited' ? 0 : rate.perMs * 2, KEPT_MS_MIN);
      return ({ count, untilMs, used }) =>
        ledger.ask('recordReservation', toRecorded(lane, count, untilMs), usedRecord(lane, used), keptMs);
    },
    usedOf: (lanes) => lanes.map((lane) => ({ lane: String(lane.name), used: usedRecord(lane.name, lane.used()) })),
  };
}

/**
 * How long ago recorded requests were sent, at the latest. Within one boot the uptime says so, otherwise the wall clock. If the
 * wall clock says "in the future", the age is unknown: they count as sent just now, so that no wait is longer than a window.
 */
function ageMs({ atWallMs, atBootMs, bootId }: RecordedPermits, clock: Clock): number {
  const boot = clock.boot();
  const isSameBoot = boot !== undefined && atBootMs !== undefined && bootId === boot.id;
  return Math.max(isSameBoot ? boot.uptimeMs - atBootMs : clock.wallMs() - atWallMs, 0);
}
