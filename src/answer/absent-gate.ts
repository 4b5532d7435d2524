/**
 * The absent rule: an account without Images answers every DELETE with "no such image", and so does the wrong account.
 * Until something was deleted, absences are held and not believed.
 */
export interface AbsentGate<T> {
  readonly isOpen: boolean;
  readonly heldCount: number;
  /** @param isEarlierUnknown - an earlier request may have deleted it, so its absence says nothing about the account */
  absent(held: T, isEarlierUnknown: boolean): { readonly kind: 'record' | 'hold' | 'trip' };
  /** Something was deleted: the account is right, though that is not committed yet. From now on nothing trips. */
  deletedAnswered(): void;
  /** A `deleted` has been committed: gives back what was held, to be recorded. */
  deletedRecorded(): T[];
  /**
   * Nothing is left to send.
   *
   * @param otherFinalAnswers - IDs of this run that were deleted or failed
   */
  endOfWork(otherFinalAnswers: number): { readonly kind: 'record'; readonly held: T[] } | { readonly kind: 'trip' };
  /** Any other stop: what was held goes back to pending. */
  release(): T[];
}

/** So many absences, and not one deletion, are no accident. */
export const ABSENT_COUNT_MAX = 100;

export function createAbsentGate<T>(options: { readonly isOpen: boolean }): AbsentGate<T> {
  let isOpen = options.isOpen;
  let held: T[] = [];
  let countedCount = 0;
  let isAccountRight = false;
  const release = (): T[] => {
    const released = held;
    held = [];
    countedCount = 0;
    return released;
  };
  return {
    get isOpen() {
      return isOpen;
    },
    get heldCount() {
      return held.length;
    },
    absent(item, isEarlierUnknown) {
      if (isOpen) return { kind: 'record' };
      held.push(item);
      if (!isEarlierUnknown) countedCount++;
      return { kind: countedCount >= ABSENT_COUNT_MAX && !isAccountRight ? 'trip' : 'hold' };
    },
    deletedAnswered: () => void (isAccountRight = true),
    deletedRecorded() {
      isOpen = true;
      return release();
    },
    endOfWork(otherFinalAnswers) {
      if (!isOpen && countedCount > 0 && otherFinalAnswers === 0) return { kind: 'trip' };
      return { kind: 'record', held: release() };
    },
    release,
  };
}
