import type { Attendance } from './membership.ts';

/** How a process may use a quota at present. */
export type Use =
  /** Places of the common schedule. */
  | { readonly kind: 'shared' }
  /** An equal part of the quota for each of this many processes. */
  | { readonly kind: 'divided'; readonly by: number }
  /** Nothing until then (monotonic ms); then ask again. */
  | { readonly kind: 'wait'; readonly untilMs: number };

/** What is known of the processes that share quotas, and what follows; pure, on given monotonic times. */
export interface Sharing {
  /** Redis answered for a quota. */
  present(key: string, attendance: Attendance, nowMs: number): void;
  /** Redis does not answer. */
  away(): void;
  /** Redis has answered for every quota. */
  back(): void;
  readonly isAway: boolean;
  use(key: string, nowMs: number): Use;
  /** Among how many all quotas are divided while Redis is away. */
  readonly dividedBy: number;
}

/** How often a process announces itself. */
export const BEAT_MS = 1_000;
/** A newcomer is counted by all others before it sends. */
const NEWCOMER_MS = BEAT_MS * 1.5;

interface Known {
  members: number;
  closedUntilMs: number;
  readonly newUntilMs: number;
  /** This process has used the quota, and may use its part while the schedule is closed. */
  isInUse: boolean;
}

/** @param membersMin - at least this many processes share, even before they were seen */
export function createSharing(membersMin: number): Sharing {
  const known = new Map<string, Known>();
  let isAway = false;

  /** A quota without known users is divided as carefully as the one with the most. */
  const partsOf = (key?: string): number =>
    Math.max(membersMin, known.get(key ?? '')?.members ?? Math.max(1, ...[...known.values()].map(({ members }) => members)));

  return {
    present(key, { members, closedForMs }, nowMs) {
      const before = known.get(key);
      const one = before ?? { members: 0, closedUntilMs: 0, newUntilMs: isAway ? nowMs : nowMs + NEWCOMER_MS, isInUse: isAway };
      // Processes that have not yet returned still use their parts.
      one.members = closedForMs > 0 || isAway ? Math.max(one.members, members) : members;
      one.closedUntilMs = nowMs + closedForMs;
      known.set(key, one);
    },
    away: () => void (isAway = true),
    back: () => void (isAway = false),
    get isAway() {
      return isAway;
    },
    use(key, nowMs) {
      if (isAway) return { kind: 'divided', by: partsOf(key) };
      const one = known.get(key);
      if (one === undefined) return { kind: 'wait', untilMs: nowMs + BEAT_MS / 4 };
      if (nowMs < one.newUntilMs) return { kind: 'wait', untilMs: one.newUntilMs };
      if (nowMs >= one.closedUntilMs) {
        one.isInUse = true;
        return { kind: 'shared' };
      }
      return one.isInUse ? { kind: 'divided', by: partsOf(key) } : { kind: 'wait', untilMs: one.closedUntilMs };
    },
    get dividedBy() {
      return partsOf();
    },
  };
}
