import type { Observer, ProgressSnapshot } from '../observe/events.ts';

/** How a run is heard of while it runs: its log, and its progress. */
export interface Talk {
  readonly observer: Observer;
  startProgress(snapshot: () => ProgressSnapshot): void;
  /** Takes the bar off the screen; nothing happens where there is none. */
  stopProgress(): void;
  /** Shows progress again after {@link stopProgress}. */
  resumeProgress(): void;
  /** `undefined` where the log is not a file. */
  readonly reopenLog: (() => void) | undefined;
  close(): Promise<void>;
}
