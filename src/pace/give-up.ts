/** Watches `--give-up-after`: how long there has been no final answer. */
export interface GiveUpWatch {
  finalAnswer(): void;
  /** When the run is to give up, in monotonic milliseconds; moves with every final answer. */
  deadlineMs(): number;
  /** Whether standing still for so long goes beyond the deadline. */
  wouldOutlast(waitMs: number): boolean;
}

export function createGiveUpWatch({ giveUpAfterMs, nowMs }: { readonly giveUpAfterMs: number; readonly nowMs: () => number }): GiveUpWatch {
  let lastMs = nowMs();
  return {
    finalAnswer: () => void (lastMs = nowMs()),
    deadlineMs: () => lastMs + giveUpAfterMs,
    wouldOutlast: (waitMs) => nowMs() + waitMs > lastMs + giveUpAfterMs,
  };
}
