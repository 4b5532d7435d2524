/** Failures that are accepted singly. Many in a row mean that the address is wrong or a firewall blocks, not that the IDs fail. */
export type StreakKind = 'not-found' | 'firewall';

export interface Streaks<T> {
  /**
   * A failure that may be part of a streak.
   *
   * @returns `toRecord`: failures of a streak of the other kind, which this one ends; and either that this one is held
   *   or that the streak is too long, with everything held in it
   */
  failItem(
    kind: StreakKind,
    held: T,
  ): { readonly toRecord: T[] } & ({ readonly kind: 'hold' } | { readonly kind: 'trip'; readonly held: T[] });
  /** Any other final answer: returns what was held, to be recorded as failed. */
  otherFinalAnswer(): T[];
}

export const STREAK_COUNT_MAX: Readonly<Record<StreakKind, number>> = { 'not-found': 20, firewall: 5 };

export function createStreaks<T>(): Streaks<T> {
  let current: StreakKind | undefined;
  let held: T[] = [];
  /** A streak that has tripped continues for requests that were in flight then. */
  let tripped: StreakKind | undefined;
  const release = (): T[] => {
    const released = held;
    held = [];
    current = undefined;
    return released;
  };
  return {
    failItem(kind, item) {
      const toRecord = current === kind ? [] : release();
      current = kind;
      held.push(item);
      if (kind !== tripped && held.length < STREAK_COUNT_MAX[kind]) return { toRecord, kind: 'hold' };
      tripped = kind;
      return { toRecord, kind: 'trip', held: release() };
    },
    otherFinalAnswer: release,
  };
}
