/**
 * The absent rule: an account without Images answers every DELETE with "no such image", and so does the wrong account.
 * So absences are held, not recorded, until something has been deleted.
 */
export interface AbsentGate<T> {
  readonly isOpen: boolean;
  readonly heldCount: number;
  /** @param isEarlierUnknown - an earlier request may have deleted it, so its absence says nothing about the account */
  absent(held: T, isEarlierUnknown: boolean): { readonly kind: 'record' | 'hold' | 'trip' };
  /** Something was deleted, so the account is right. The rule cannot trip any more, even before the deletion is committed. */
  deletedAnswered(): void;
  /** A deletion has been committed: returns what was held, to be recorded. */
  deletedRecorded(): T[];
  /**
   * Nothing is left to send.
   *
   * @param otherFinalAnswers - IDs of this run that were deleted or failed
   */
  endOfWork(otherFinalAnswers: number): { readonly kind: 'record'; readonly held: T[] } | { readonly kind: 'trip' };
  /** The run ends for another reason: returns what was held, to stay pending. */
  release(): T[];
}

/** This many absences without a single deletion mean that the account is wrong. */
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
