import type { LaneName } from '../../domain/lane.ts';

/** What changed how fast a purge goes on. What lasts has a beginning and an end. */
export const MOMENT_KINDS = [
  'run.began',
  'run.ended',
  'throttled',
  'outage.began',
  'outage.ended',
  /** A refusal is asked about again before it is believed; nothing else is sent. */
  'refusal.doubted',
  'refusal.passed',
] as const;

export type MomentKind = (typeof MOMENT_KINDS)[number];

/** Kept of one run, and its end. A run of ten hours that is throttled twice a minute has 1,200. */
export const MOMENTS_PER_RUN_MAX = 2_000;

export interface Moment {
  readonly kind: MomentKind;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** `undefined`: all lanes. */
  readonly lane: LaneName | undefined;
  /** Of `throttled`: how long the lane pauses. 0 for the others. */
  readonly waitMs: number;
}
